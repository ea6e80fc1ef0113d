#include <stdio.h>

static int count = 5;

static int __attribute__((noipa)) step(int n)
{
	static int calls = 20;

	count += n;
	return ++calls;
}

void b(void) { int n = step(2); printf("b %d %d\n", n, count); }

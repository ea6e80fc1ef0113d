#include <stdio.h>

static int count;

static int __attribute__((noipa)) step(int n)
{
	static int calls = 10;

	count += n;
	return ++calls;
}

void a(void) { int n = step(1); printf("a %d %d\n", n, count); }

#include <stdio.h>

static int limit = 10;
static int calls;

int __attribute__((noipa)) one(int n)
{
	return n + ++calls;
}

int __attribute__((noipa)) two(int n)
{
	return n * limit;
}

int main(void)
{
	fprintf(stderr, "%d %d\n", one(1), two(2));
	fprintf(stderr, "%d %d\n", one(1), two(2));
	limit--;
	return 0;
}

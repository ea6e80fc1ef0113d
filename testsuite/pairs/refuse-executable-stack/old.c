#include <stdio.h>

/* A nested function whose address is taken: GCC puts code on the stack for it. */
static __attribute__((noipa)) int apply(int (*f)(int), int x)
{
	return f(x);
}

static int twice(int x)
{
	return 2 * x;
}

static __attribute__((noipa)) int work(int k)
{
	return apply(twice, 5) + k;
}

int main(void)
{
	printf("%d\n", work(3));
	return 0;
}

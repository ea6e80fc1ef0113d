#include <stdio.h>

/* step() is global here and static in the other file. Which registers its callers may rely on is what this one changes. */
int other(int x);
volatile int level = 1;

int __attribute__((noinline)) step(int x)
{
	return x + level;
}

int __attribute__((noinline)) tripled(int x)
{
	return step(x) + 3 * x;
}

int main(void)
{
	printf("%d %d\n", tripled(2), other(5));
	return 0;
}

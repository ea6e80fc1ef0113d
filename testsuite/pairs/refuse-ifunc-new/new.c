#include <stdio.h>

static int fast;

static int one(void) { return 1; }
static int two(void) { return 2; }

/* Asked before main(), it finds 0. */
static int (*choose(void))(void)
{
	return fast ? two : one;
}

int number(void) __attribute__((ifunc("choose")));

int main(int argc, char **argv)
{
	(void)argv;
	fast = argc;
	printf("%d %d\n", number(), two());
	return fast != 1;
}

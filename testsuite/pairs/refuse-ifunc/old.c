#include <stdio.h>

static int one(void) { return 1; }
static int two(void) { return 2; }

static int (*choose(void))(void)
{
	return one;
}

int number(void) __attribute__((ifunc("choose")));

int main(void)
{
	printf("%d %d\n", number(), two());
	return 0;
}

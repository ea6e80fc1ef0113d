#include <stdio.h>

static int one(void) { return 1; }
static int (*choose(void))(void) { return one; }
static int number(void) __attribute__((ifunc("choose")));

__attribute__((noipa)) int sum(int n)
{
	int s = 0;

	for (int i = 0; i < n; i++)
		s += number();
	return s;
}

int main(void)
{
	printf("%d\n", sum(10));
	return 0;
}

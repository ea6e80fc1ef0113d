#include <stdio.h>

static int __attribute__((noipa)) is_odd(int n)
{
	return n % 2 ? 1 : 0;
}

int __attribute__((noipa)) check(int n)
{
	if (is_odd(n))
		return -1;
	return n;
}

int main(void)
{
	printf("check %d\n", check(7));
	return 0;
}

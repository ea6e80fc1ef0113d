#include <stdio.h>

int __attribute__((noipa)) depth(int n)
{
	if (n <= 0)
		return 0;
	return depth(n - 1) + depth(n - 2) + 1;
}

static int __attribute__((noipa)) last(int n)
{
	return printf("last %d\n", n);
}

int __attribute__((noipa)) tail(int n)
{
	if (n & 1)
		return depth(n);
	return last(n + 2);
}

int main(void)
{
	printf("%d\n", depth(9));
	printf("%d %d\n", tail(3), tail(4));
	return 0;
}

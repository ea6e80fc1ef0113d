#include <stdio.h>

int __attribute__((noipa)) check(int n)
{
	return n;
}

int main(void)
{
	printf("check %d\n", check(7));
	return 0;
}

#include <stdio.h>

int __attribute__((noipa)) count(void)
{
	return 0;
}

int main(void)
{
	printf("%d\n", count() > 0);
	return 0;
}

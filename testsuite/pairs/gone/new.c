#include <stdio.h>

int __attribute__((noipa)) work(int n)
{
	return printf("work %d\n", n);
}

int main(void)
{
	work(1);
	return 0;
}

#include <stdio.h>

int __attribute__((noipa)) put(int n)
{
	return printf("put %d\n", n);
}

int main(void)
{
	put(5);
	return 0;
}

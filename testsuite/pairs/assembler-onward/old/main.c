#include <stdio.h>

int twice(int n);

__attribute__((noipa)) int change(int n)
{
	return twice(n);
}

int main(void)
{
	printf("%d %d\n", change(5), twice(4));
	return 0;
}

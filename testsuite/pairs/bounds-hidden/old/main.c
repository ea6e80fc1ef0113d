#include <stdio.h>

int total(int n);

int main(void)
{
	printf("%d %d\n", total(1), total(5));
	return 0;
}

#include <stdio.h>

int current(int);

int main(void)
{
	printf("%d\n", current(10));
	return 0;
}

#include <stdio.h>

int lib(int a);

int main(void)
{
	printf("%d\n", lib(1));
	return 0;
}

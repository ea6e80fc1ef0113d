#include <stdio.h>

int limited(int n);

int main(void)
{
	printf("%d\n", limited(10));
	return 0;
}

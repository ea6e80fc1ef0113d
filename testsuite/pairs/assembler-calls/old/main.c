#include <stdio.h>

int sum(int);

int main(void)
{
	printf("%d %d\n", sum(3), sum(300));
}

#include <stdio.h>

int measure(int n);

int main(void)
{
	printf("%d %d\n", measure(10), measure(100));
	return 0;
}

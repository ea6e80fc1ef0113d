#include <stdio.h>

__attribute__((noipa)) int sum(int n)
{
	int s = 0;

	for (int i = 0; i < n; i++)
		s += i;
	return s;
}

int main(void)
{
	printf("%d\n", sum(10));
	return 0;
}

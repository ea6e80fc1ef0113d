#include <stdio.h>

int plain(int n);

__attribute__((noipa)) int count(int n)
{
	return plain(n);
}

int main(void)
{
	for (int i = 0; i < 5; i++)
		printf("%d\n", count(i));
	return 0;
}

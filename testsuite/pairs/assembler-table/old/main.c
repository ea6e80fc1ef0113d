#include <stdio.h>

int pick(unsigned);

__attribute__((noipa)) static int work(unsigned n)
{
	return pick(n);
}

int main(void)
{
	for (unsigned n = 0; n < 4; n++)
		printf("%d\n", work(n));
	return 0;
}

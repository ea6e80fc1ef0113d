#include <stdio.h>

static int table[4] = { 1, 2, 3, 4 };
static int total;

int __attribute__((noipa)) sum(int a, double b, int c)
{
	total += a + (int)b + c + table[0]++;
	return total;
}

int __attribute__((noipa)) other(void)
{
	return table[1];
}

int main(void)
{
	for (int i = 0; i < 3; i++)
		printf("%d %d\n", sum(i, i + 0.5, 2 * i), other());
	return 0;
}

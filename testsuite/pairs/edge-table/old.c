#include <stdio.h>

/* Constant tables of variables that stand side by side: each begins where the one before it ends. One holds the ends. */
static int reads[4] = { 1, 1, 1, 1 }, writes[4] = { 2, 2, 2, 2 }, seeks[4] = { 3, 3, 3, 3 }, opens[4] = { 4, 4, 4, 4 };

static int *const counters[] = { reads, writes, seeks };
static int *const ends[] = { reads + 4, writes + 4, seeks + 4 };

__attribute__((noipa)) static int count(int kind, int n)
{
	return counters[kind][n & 3]++;
}

__attribute__((noipa)) static int left(int kind, int n)
{
	return ends[kind][-n];
}

__attribute__((noipa)) static int opened(int n)
{
	return opens[n & 3]++;
}

int main(void)
{
	int sum = opened(1);

	for (unsigned i = 0; i < sizeof counters / sizeof *counters; i++)
		sum = sum * 10 + count(i, 1) + left(i, 2);
	printf("%d\n", sum);
	return 0;
}

#include <stdio.h>
#include <hotpatch.h>

static int table[4] = { 1, 2, 3, 4 };
static int total;
static int factor;

int __attribute__((noipa)) sum(int a, double b, int c)
{
	total += factor * (a + (int)b + c) + table[0]++;
	return total;
}

int __attribute__((noipa)) other(void)
{
	return table[1] + factor;
}

/* An unchanged function called before the patch is in force finds the old ones. */
static int convert(void)
{
	factor = 10;
	return 0;
}
HP_PRE_APPLY(convert);

static void done(void)
{
	table[0] = 100;
	printf("factor %d, table %d\n", factor, other());
}
HP_POST_APPLY(done);

int main(void)
{
	for (int i = 0; i < 3; i++)
		printf("%d %d\n", sum(i, i + 0.5, 2 * i), other());
	return 0;
}

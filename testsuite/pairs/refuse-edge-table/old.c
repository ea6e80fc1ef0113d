#include <stdio.h>

/* A constant table with a variable, and the end of the one before it: two words, of which nobody knows which is which. */
static int reads[4] = { 1, 1, 1, 1 }, writes[4] = { 2, 2, 2, 2 }, seeks[4] = { 3, 3, 3, 3 };

static int *const places[] = { reads, reads + 4, writes, writes + 4, seeks, seeks + 4 };

__attribute__((noipa)) static int sum(int kind)
{
	int s = 0;

	for (int *p = places[2 * kind]; p < places[2 * kind + 1]; p++)
		s += (*p)++;
	return s;
}

int main(void)
{
	int s = 0;

	for (unsigned i = 0; i < sizeof places / sizeof *places / 2; i++)
		s = s * 100 + sum(i);
	printf("%d\n", s);
	return 0;
}

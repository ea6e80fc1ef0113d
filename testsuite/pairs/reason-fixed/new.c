#include <stdio.h>

/* At a fixed address, code holds addresses as numbers. What moved is no difference, and is not told as one: here `more`
 * moves all variables behind it. */
static int more[30] = { 1 };
static int counts[20];
int last;

__attribute__((noipa)) static int count(const char *what, int n)
{
	last = counts[n] += n;
	for (int *c = counts; c < counts + 20; c++)
		if (*c == 6)
			puts(what);
	return n * 9;
}

int main(void)
{
	printf("%d %d\n", count("six", 6), last + more[6]++);
	return 0;
}

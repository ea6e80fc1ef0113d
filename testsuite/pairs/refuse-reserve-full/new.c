#include <stdio.h>

static int table[1 << 20];              /* 4 MB: more than a small program's reserve */

int __attribute__((noipa)) put(int n)
{
	table[n]++;
	return printf("put %d\n", table[n]);
}

int main(void)
{
	put(5);
	return 0;
}

#include <stdio.h>

static __thread int mine = 3;

int work(int n)
{
	return printf("work %d\n", n);
}

int use(void)
{
	return mine++;
}

#include <stdio.h>

static __thread int mine = 3;
extern __thread int foreign;            /* of another module: OLD has no slot for it */

int work(int n)
{
	return printf("work %d %d\n", n, foreign);
}

int use(void)
{
	return mine++;
}

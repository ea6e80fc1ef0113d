#include <stdio.h>
#include <hotpatch.h>

static int factor;

static int prepare(void)
{
	factor = 1;
	return 0;
}
HP_PRE_APPLY(prepare);

int main(void)
{
	printf("old %d\n", factor);
	return 0;
}

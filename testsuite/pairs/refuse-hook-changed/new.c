#include <stdio.h>
#include <hotpatch.h>

static int factor;

static int prepare(void)
{
	factor = 2;
	return 0;
}
HP_PRE_APPLY(prepare);

int main(void)
{
	printf("new %d\n", factor);
	return 0;
}

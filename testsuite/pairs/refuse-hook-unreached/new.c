#include <stdio.h>
#include <hotpatch.h>

static void never(void)
{
	puts("never");
}
HP_POST_APPLY(never);

int main(void)
{
	puts("hello");
	return 0;
}

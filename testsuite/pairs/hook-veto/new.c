#include <stdio.h>
#include <hotpatch.h>

static int limit = 20;
HP_SET_VALUE(limit);
static int calls;

int __attribute__((noipa)) one(int n)
{
	return n - ++calls;
}

int __attribute__((noipa)) two(int n)
{
	return n * limit + 1;
}

static int first(void)
{
	fputs("first\n", stderr);
	return 0;
}
HP_PRE_APPLY(first);

static int second(void)
{
	fprintf(stderr, "limit is %d\n", limit);
	return -3;
}
HP_PRE_APPLY(second);

static void undo(void)
{
	fputs("undone\n", stderr);
}
HP_POST_REVERT(undo);

int main(void)
{
	fprintf(stderr, "%d %d\n", one(1), two(2));
	fprintf(stderr, "%d %d\n", one(1), two(2));
	limit--;
	return 0;
}

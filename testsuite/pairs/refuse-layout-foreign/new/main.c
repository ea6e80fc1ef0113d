#include <stdio.h>
#include "context.h"

/* All objects are the library's. Nothing here makes one, but for one in a frame of a function that changes with the rest. */
__attribute__((noipa)) static int limit_of(const struct context *c)
{
	return c->strong ? c->limit + 1 : c->limit;
}

__attribute__((noipa)) static int most(int n)
{
	struct context c = { 1, n, n, n };

	return limit_of(&c);
}

int main(void)
{
	struct context *c;

	if (context_open(&c))
		return 1;
	printf("%d %d\n", limit_of(c), most(5));
}

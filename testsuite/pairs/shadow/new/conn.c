#include <stdlib.h>
#include <hotpatch.h>
#include "conn.h"

static int start(const void *object, void *data)
{
	*(int *)data = 100 * ((const struct conn *)object)->uses;
	return 0;
}

/* A count of its own for each connection, for which the struct has no room. */
int __attribute__((noipa)) use_conn(struct conn *c)
{
	int *weight = hp_shadow_get_or_alloc(c, 1, sizeof *weight, start);

	if (weight)
		*weight += 10 * c->number;
	return ++c->uses;
}

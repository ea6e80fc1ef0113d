#include <stdio.h>
#include <stdlib.h>
#include <hotpatch.h>
#include "conn.h"

void __attribute__((noipa)) end_conn(struct conn *c)
{
	int *weight = hp_shadow_get(c, 1);

	printf("end %d: %d weight %d\n", c->number, c->uses, weight ? *weight : -1);
	hp_shadow_free(c, 1);
	if (hp_shadow_get(c, 1))
		puts("still there");
	free(c);
}

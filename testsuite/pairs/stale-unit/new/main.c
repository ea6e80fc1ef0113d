#include <stdio.h>
#include "before.h"

int pool_size(const struct pool *p)
{
	return p->size;
}

int main(void)
{
	printf("%d\n", pool_size(pool_make()));
}

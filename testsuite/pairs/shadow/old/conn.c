#include <stdlib.h>
#include "conn.h"

int __attribute__((noipa)) use_conn(struct conn *c)
{
	return ++c->uses;
}

#include "table.h"

/* Has the name of one of table.c's, and is written to. */
static int other = 5;

int bump(int n)
{
	level += n;
	return other += n;
}

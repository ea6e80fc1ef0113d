#include <stddef.h>
#include "table.h"

static int twice(int n) { return 2 * n; }
static int square(int n) { return n * n; }

struct command commands[] = { { "square", square }, { "twice", twice }, { NULL, NULL } };
int ncommands = sizeof commands / sizeof *commands - 1;
int limit = 10;
int level = 3;
static int other = 5;

int seen_by_table(void)
{
	return limit + other + (level += 1);
}

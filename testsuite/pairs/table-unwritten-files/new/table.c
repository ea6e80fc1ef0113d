#include <stddef.h>
#include "table.h"

static int twice(int n) { return 2 * n; }
static int square(int n) { return n * n; }
static int half(int n) { return n / 2; }

struct command commands[] = { { "half", half }, { "square", square }, { "twice", twice }, { NULL, NULL } };
int ncommands = sizeof commands / sizeof *commands - 1;
int limit = 20;
int level = 3;
static int other = 100;

int seen_by_table(void)
{
	return limit + other + (level += 1);
}

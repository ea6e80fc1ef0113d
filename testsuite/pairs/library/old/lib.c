#include <stdio.h>
#include "lib.h"

int lib_level = 1;
static int hits;

static int __attribute__((noipa)) scale(int n) { return n * 2; }

int lib_scale(int n)
{
	hits++;
	return scale(n);
}

int lib_hits(void) { return hits; }

int lib_log(const char *text)
{
	return printf("[%d] %s\n", lib_level, text);
}

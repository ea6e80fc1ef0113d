#include <stdio.h>

/* Tables that must be aligned, as vector instructions want them, are copied; the function that reads them is as it was. */
#define ALIGNED __attribute__((aligned(64)))

struct table { char of[21]; };

static const struct table a ALIGNED = { { 1 } }, b ALIGNED = { { 2 } }, c ALIGNED = { { 3 } }, d ALIGNED = { { 4 } };

#define ADDRESS(table) ((unsigned long)&table)

__attribute__((noipa)) static int are_aligned(unsigned long most)
{
	return !((ADDRESS(a) | ADDRESS(b) | ADDRESS(c) | ADDRESS(d)) & most);
}

int main(void)
{
	puts(are_aligned(63) ? "all aligned" : "not all aligned");
	return 0;
}

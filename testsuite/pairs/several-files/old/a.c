#include <stdio.h>

/* Both files have a parse() of their own, and a static cnt. */
static int cnt;

static int __attribute__((noipa)) parse(int n)
{
	cnt += n;
	return printf("a %d\n", cnt);
}

int run_a(int n)
{
	return parse(n);
}

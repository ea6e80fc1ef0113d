#include <stdio.h>

static int fast;

static int one(void) { return 1; }
static int two(void) { return 2; }

int main(int argc, char **argv)
{
	(void)argv;
	fast = argc;
	printf("%d %d\n", one(), two());
	return fast != 1;
}

#include <stdio.h>

static int calls = 41;                  /* an initial value: the reserve is zero until the boot record runs */
int total;
static int *const where[] = { &calls, &total };     /* pointers that need the load base */

int __attribute__((noipa)) count(const char *word)
{
	static int depth = 7;

	total += ++*where[depth & 1 ? 0 : 1];
	return printf("count %s %d %d\n", word, calls, total + depth);
}

int main(void)
{
	count("a");
	count("b");
	return 0;
}

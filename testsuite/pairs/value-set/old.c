#include <stdio.h>

static int low = 3;
static int seen;
static struct { int size; const char *name; long untouched; } limits = { 10, "old", 1 };
static const char *words[] = { "one", "two", "three", "four" };

int __attribute__((noipa)) check(int n)
{
	static int calls = 100;

	seen += n;
	return ++calls > low ? limits.size : 0;
}

/* Runs before the patch could know of it, were it not applied before all constructors. */
static void __attribute__((constructor)) start(void)
{
	limits.untouched++;
}

int main(void)
{
	printf("%d %d %s %ld %s %s\n", low, check(1), limits.name, limits.untouched, words[0], words[3]);
	return 0;
}

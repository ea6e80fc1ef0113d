#include <stdio.h>
#include <hotpatch.h>

static int added(void)
{
	return 7;
}

static int low = 5;
HP_SET_VALUE(low);
static int seen;
static struct { int size; const char *name; long untouched; } limits = { 20, "new", 1 };
HP_SET_VALUE(limits.size);
HP_SET_VALUE(limits.name);
static const char *words[] = { "one", "two", "three", "vier" };
HP_SET_VALUE(words[3]);

int __attribute__((noipa)) check(int n)
{
	static int calls = 100;

	seen += n;
	return ++calls > low ? limits.size + added() : 0;
}

static void __attribute__((constructor)) start(void)
{
	limits.untouched++;
}

int main(void)
{
	printf("%d %d %s %ld %s %s\n", low, check(1), limits.name, limits.untouched, words[0], words[3]);
	return 0;
}

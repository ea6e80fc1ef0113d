#include <assert.h>
#include <stdio.h>

/* A comment that moves all below. */

struct point { int x, y; };

static const char *__attribute__((noipa)) where(const char *f, int line) { return line > 0 ? f : "?"; }

int __attribute__((noipa)) check(int n)
{
	assert(n < 100);
	printf("%s\n", where(__func__, __LINE__));
	return n + 1;
}

int __attribute__((noipa)) edited(int n)
{
	assert(n < 50);
	printf("now %s\n", where(__func__, __LINE__));
	return n * 2;
}

int __attribute__((noipa)) below(int n)
{
	assert(n != 7);
	return n + 3;
}

int main(void)
{
	printf("%d %d %d\n", check(1), edited(2), below(3));
	return 0;
}

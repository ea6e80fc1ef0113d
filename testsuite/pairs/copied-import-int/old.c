#include <stdio.h>
#include <time.h>
#include <unistd.h>

static const char *const words[] = { "zero", "one", "two", "three" };
static char text[8];

__attribute__((noipa)) static int mark(char *p, int n)
{
	*p = 'J';
	return n;
}

__attribute__((noipa)) static const char *word(int n)
{
	return words[n];
}

__attribute__((noipa)) static int six(int a, int b, int c, int d, int e, int f)
{
	return a + 10 * b + 100 * c + 1000 * d + 10000 * e + 100000 * f;
}

__attribute__((noipa)) static int many(int n)
{
	return six(n, n, n, n, n, n);
}

int main(int argc, char **argv)
{
	int n = mark(text, argc);

	getopt(argc, argv, "");
	printf("%d %s %s %d\n", n, text, word(argc + 1), many(argc));
	return 0;
}

#include <stdio.h>
#include <stdlib.h>

static void fail(const char *what, int line)
{
	printf("%s at %d\n", what, line);
	exit(1);
}
#define CHECK(x) do { if (!(x)) fail(#x, __LINE__); } while (0)

int main(int argc, char **argv)
{
	(void)argv;
	CHECK(argc > 0);
	CHECK(argc < 1000);
	puts("fine");
	return 0;
}

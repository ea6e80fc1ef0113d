// A clone that was made for one caller holds that caller's line; so does one that it calls.
#include <stdio.h>
#include <stdlib.h>

__attribute__((noinline)) static void *get_at(int n, const char *func, int line)
{
	void *p = malloc(n);

	if (!p || n > 1000)
		printf("%s %d\n", func, line);
	return p;
}

__attribute__((noinline)) static void *twice(int n, const char *func, int line)
{
	free(get_at(n, func, line));
	return get_at(n + 1, func, line);
}
#define GET(n) twice((n), __func__, __LINE__)

__attribute__((noinline)) static int limit(int n)
{
	return n > 5 ? 5 : n;
}

int main(int argc, char **argv)
{
	char *p = GET(argc + 100);

	printf("%d %d\n", p != NULL, limit(argc + 8));
	return argv[argc] != NULL;
}

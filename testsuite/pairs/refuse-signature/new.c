#include <stdio.h>

static int (*handler)(int, int);

__attribute__((noipa)) static int handle(int n, int step)
{
	return n + step;
}

__attribute__((noipa)) static void install(void)
{
	if (!handler)
		handler = handle;
}

int main(void)
{
	install();
	printf("%d\n", handler(1, 2));
}

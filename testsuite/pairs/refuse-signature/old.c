#include <stdio.h>

static int (*handler)(int);

__attribute__((noipa)) static int handle(int n)
{
	return n + 1;
}

__attribute__((noipa)) static void install(void)
{
	if (!handler)
		handler = handle;
}

int main(void)
{
	install();
	printf("%d\n", handler(1));
}

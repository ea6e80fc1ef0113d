#include <stdio.h>
#include <stdlib.h>

__attribute__((noreturn, noipa)) static void fail(const char *why)
{
	printf("%s\n", why);
	exit(1);
}

void (*on_error)(const char *) = fail;

__attribute__((noipa)) static int half(int n)
{
	if (n & 1)
		fail("odd");
	return n / 2;
}

int main(void)
{
	printf("%d\n", half(7));
}

#include <stdio.h>

/* What stands before the stub runs before any patch. */
static int limit;

__attribute__((noipa)) int usual(void)
{
	return 7;
}

static void start(void) { limit = usual(); }

__attribute__((section(".preinit_array"), used)) static void (*const entry)(void) = start;

int main(void)
{
	printf("%d\n", limit);
	return 0;
}

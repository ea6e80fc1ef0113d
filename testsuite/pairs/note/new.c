#include <stdio.h>

/* A note that the program reads itself. */
struct note {
	unsigned name_size, size, type;
	char name[4];
	int limit;
};

__attribute__((section(".note.limit"), used, aligned(4))) const struct note note = {
	4, 4, 1, "own", 8
};

__attribute__((noipa)) static int limit(void) { return *(const volatile int *)&note.limit; }

int main(void)
{
	printf("%d\n", limit());
	return 0;
}

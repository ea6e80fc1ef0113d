#include <stdio.h>

int limit = 10;

__attribute__((noipa)) static void show(void)
{
	printf("limit %d\n", limit);
}

int main(int argc, char **argv)
{
	(void)argv;
	limit = 30 + argc;      /* so it does not matter what it was */
	show();
	return 0;
}

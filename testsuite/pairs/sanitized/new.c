#include <limits.h>
#include <stdio.h>
#include <unistd.h>

/* The sanitizer marks what it has reported, in data without a name. */
__attribute__((noipa)) static int add(int a, int b)
{
	puts("adding");
	return a + b;
}

int main(int argc, char **argv)
{
	dup2(1, 2);
	setvbuf(stdout, NULL, _IONBF, 0);
	for (int i = 0; i < 2; i++)
		printf("%d\n", add(INT_MAX, argc));
	(void)argv;
	return 0;
}

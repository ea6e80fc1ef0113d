#include <stdio.h>

int seen[8];

__attribute__((noinline, noclone)) static void show(int i)
{
	printf("seen %d\n", seen[i]++);
}

int main(int argc, char **argv)
{
	(void)argv;
	show(argc);
	return 0;
}

#include <stdio.h>

__attribute__((noinline, noclone)) static void show(int i)
{
	printf("%d\n", i);
}

int main(int argc, char **argv)
{
	(void)argv;
	show(argc);
	return 0;
}

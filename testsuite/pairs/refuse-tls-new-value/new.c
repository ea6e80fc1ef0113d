#include <stdio.h>

__thread int calls = 1;

__attribute__((noinline, noclone)) static void show(int i)
{
	printf("%d\n", i + calls++);
}

int main(int argc, char **argv)
{
	(void)argv;
	show(argc);
	return 0;
}

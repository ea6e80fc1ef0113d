#include <stdio.h>

__attribute__((hotpatch("never"), noinline, noclone)) static int number(int i)
{
	return i + 2;
}

__attribute__((noinline, noclone)) static void show(int i)
{
	printf("%d\n", number(i));
}

int main(int argc, char **argv)
{
	(void)argv;
	show(argc);
	return 0;
}

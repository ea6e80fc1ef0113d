#include <stdio.h>

__attribute__((hotpatch("never"), noinline, noclone)) int number(int i)
{
	return i + 1;
}

int (*volatile call)(int) = number;

int main(int argc, char **argv)
{
	(void)argv;
	printf("%d\n", call(argc));
	return 0;
}

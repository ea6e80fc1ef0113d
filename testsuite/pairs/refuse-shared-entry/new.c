#include <stdio.h>

__attribute__((noipa)) int one(int i)
{
	return i + 1;
}
__attribute__((noipa)) int other(int i)
{
	return i + 2;
}

int main(int argc, char **argv)
{
	(void)argv;
	printf("%d %d\n", one(argc), other(argc));
	return 0;
}

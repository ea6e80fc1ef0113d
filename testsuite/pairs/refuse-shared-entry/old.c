#include <stdio.h>

__attribute__((noipa)) int one(int i)
{
	return i + 1;
}
int other(int i) __attribute__((alias("one")));

int main(int argc, char **argv)
{
	(void)argv;
	printf("%d %d\n", one(argc), other(argc));
	return 0;
}

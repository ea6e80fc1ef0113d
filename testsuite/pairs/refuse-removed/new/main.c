#include <stdio.h>

int add(int a, int b);

int main(int argc, char **argv)
{
	(void)argv;
	printf("%d\n", add(argc, 2));
	return 0;
}

#include <stdio.h>

int one(int), two(int);

int main(int argc, char **argv)
{
	(void)argv;
	printf("%d %d\n", one(argc), two(argc));
	return 0;
}

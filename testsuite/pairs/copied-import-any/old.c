#include <stdio.h>

__attribute__((noipa)) int state(int n)
{
	return n;
}

int main(int argc, char **argv)
{
	(void)argv;
	printf("%d\n", state(argc));
	return 0;
}

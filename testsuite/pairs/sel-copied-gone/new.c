#include <stdio.h>

__attribute__((noipa)) static int show(int i)
{
	return printf("%d!\n", i);
}

int main(int argc, char **argv)
{
	(void)argv;
	return show(argc) < 0;
}

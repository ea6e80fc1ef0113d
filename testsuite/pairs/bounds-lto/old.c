/* A loop that reads the table from one element in front of it: with -flto there is no file whose table it could be. */
#include <stdio.h>

static const int table[8] = { 798, 249, 83, 588, 307, 537, 506, 896 };

__attribute__((noinline)) static int look_up(unsigned i)
{
	return table[i % 8];
}

int main(int argc, char **argv)
{
	int sum = argc;

	(void)argv;
	for (int i = 0; i < 8; i++)
		sum += table[i] * (i + 1);
	printf("sum %d\n", sum + look_up(argc));
	return 0;
}

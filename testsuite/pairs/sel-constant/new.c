#include <stdio.h>

static const int table[8] = { 1, 9, 3, 4, 5, 6, 7, 8 };

__attribute__((noinline, noclone)) static int look_up(int i)
{
	return table[i & 7];
}

__attribute__((noinline, noclone)) static int sum(void)
{
	int s = 0;

	for (int i = 0; i < 8; i++)
		s += *(const volatile int *)&table[i];
	return s;
}

int main(int argc, char **argv)
{
	(void)argv;
	printf("%d %d\n", look_up(argc), sum());
	return 0;
}

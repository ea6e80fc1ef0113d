#include <stdio.h>

static int first[8] = { 7, 7, 7, 7, 7, 7, 7, 7 };
static int tab[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
static int other[8] = { 9, 9, 9, 9, 9, 9, 9, 9 };

__attribute__((noipa)) static int look_up(unsigned char c)
{
	return tab[c - 'a']++ * 11 + first[c & 7];
}

__attribute__((noipa)) static int sum(int *from)
{
	int s = 0;

	for (int *p = tab; p < tab + 8; p++)
		s += *p += *from + 1;
	return s;
}

int main(int argc, char **argv)
{
	(void)argv;
	printf("%d %d\n", look_up('a' + argc), sum(other + argc));
	return 0;
}

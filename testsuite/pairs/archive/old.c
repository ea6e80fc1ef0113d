#include <stdio.h>

/* NEW takes more of the static C library, whose functions call and name each other without a relocation. */
__attribute__((noipa)) static int work(int n)
{
	return n + 1;
}

int main(void)
{
	printf("%d\n", work(2));
	return 0;
}

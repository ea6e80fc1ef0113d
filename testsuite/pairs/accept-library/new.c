#include <stdio.h>

/* Linked with a library that it does not use, and that does nothing by itself. */
__attribute__((noipa)) static int work(int n)
{
	return n + 2;
}

int main(void)
{
	printf("%d\n", work(1));
	return 0;
}

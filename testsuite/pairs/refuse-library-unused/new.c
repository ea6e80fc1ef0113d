#include <stdio.h>

/* Linked with a library that it does not use: that may have constructors, or symbols that others find first. */
__attribute__((noipa)) static int work(int n)
{
	return n + 2;
}

int main(void)
{
	printf("%d\n", work(1));
	return 0;
}

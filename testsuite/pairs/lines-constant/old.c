#include <assert.h>
#include <stdio.h>

/* A constant that is the number of the function's own line, by chance, and a fix that makes it one more. */
__attribute__((noipa)) static int is_large(int n)
{
	assert(n);
	return n > 7;
}

int main(void)
{
	printf("%d\n", is_large(8));
	return 0;
}

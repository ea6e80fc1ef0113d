#include <stdio.h>

/* A table that the linker gathers, which OLD does not have at all. */
int main(void)
{
	int sum = 4;

	printf("%d\n", sum);
	return 0;
}

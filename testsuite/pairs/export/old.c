#include <stdio.h>

/* A program whose symbols others look for gets one that nobody here uses. */

__attribute__((noipa)) static int size(void)
{
	return 1;
}

int main(void)
{
	printf("%d\n", size());
	return 0;
}

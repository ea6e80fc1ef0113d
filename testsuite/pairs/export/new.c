#include <stdio.h>

/* A program whose symbols others look for gets one that nobody here uses. */
int limit(void) { return 5; }

__attribute__((noipa)) static int size(void)
{
	return 2;
}

int main(void)
{
	printf("%d\n", size());
	return 0;
}

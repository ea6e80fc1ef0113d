#include <stdio.h>

int limited(int n);

/* The library of NEW stays where it is loaded, and does without another. */
int main(void)
{
	printf("%d\n", limited(10));
	return 0;
}

#include <stdio.h>

/* In the large code model calls count from the GOT. NEW calls the other function, which stands where this one stood. */
__attribute__((noipa)) int one(int n) { return 3 * n + 5; }
__attribute__((noipa)) int other(int n) { return 3 * n + 7; }

int main(void)
{
	printf("%d\n", one(1));
	return 0;
}

#include <stdio.h>
#include "part.h"

/* Its first check is inlined, the rest becomes part.part.0, in each file of the program; -flto numbers them. */
static void part(int *n)
{
	if (!n)
		return;
	printf("cat %d\n", *n);
	for (int i = 0; i < 3; i++)
		if (*n % (i + 2) == 0)
			printf("%d ", i + 77);
	printf("\n");
	*n *= 7;
}

int __attribute__((noipa)) cat(int n) { part(&n); part(n > 5 ? &n : NULL); return n; }
int __attribute__((noipa)) cat_again(int n) { part(n > 9 ? &n : NULL); return n - 1; }

#include <stdio.h>

typedef int handler(int);

int __attribute__((noipa)) twice(int n) { return n * 2; }
int __attribute__((noipa)) other(int n) { return n + 1; }

handler *installed = twice;             /* a live process has the old entry here */

/* &twice in new code must be what old code and old data hold. */
int __attribute__((noipa)) is_default(void)
{
	return installed == other;
}

int main(void)
{
	printf("default %d, twice %d\n", is_default(), installed(21));
	return 0;
}

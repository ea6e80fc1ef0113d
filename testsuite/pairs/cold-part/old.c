#include <stdio.h>
#include <stdlib.h>

/* The unlikely branch is put into parse.cold, another section; both parts are one function. */
static void __attribute__((cold, noinline)) complain(const char *what, int n)
{
	printf("%s: %d\n", what, n);
}

int __attribute__((noipa)) parse(int n)
{
	if (n < 0) {
		complain("negative", n);
		complain("at least", 0);
		return -1;
	}
	if (n > 100) {
		complain("too big", n);
		complain("at most", 100);
		return 1;
	}
	return printf("fine %d\n", n);
}

int main(void)
{
	parse(-3);
	parse(50);
	parse(500);
	return 0;
}

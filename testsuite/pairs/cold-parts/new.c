#include <stdio.h>
#include <stdlib.h>

/* A cold part that comes, one that goes, and one that changes alone. */
static void __attribute__((cold, noinline)) complain(const char *text, int n)
{
	printf("bad: %s %d\n", text, n);
}

int __attribute__((noipa)) added(int n)
{
	if (n > 100) {
		complain("too large", n);
		complain("cut", n - 100);
		return 100;
	}
	return n * 2;
}

int __attribute__((noipa)) removed(int n)
{
	return n * 3;
}

int __attribute__((noipa)) alone(int n)
{
	if (n > 100) {
		complain("alone", n);
		complain("new", n + 2);
		return 1;
	}
	return n * 4;
}

int main(void)
{
	printf("%d %d %d\n", added(5), removed(5), alone(5));
	printf("%d\n", added(500));
	printf("%d\n", removed(500));
	printf("%d\n", alone(500));
	return 0;
}

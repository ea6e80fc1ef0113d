#include <stdio.h>

/*
 * Functions that the compiler clones: without an unused parameter (.isra), with a constant for one (.constprop), with
 * only its first check inlined (.part). Their signatures change with the source; callers come along where they must.
 */
struct box { int a, b, c; };

static int __attribute__((noinline)) isra(struct box *b, int unused)
{
	(void)unused;
	return b->a * 3;
}

static int __attribute__((noinline)) constant(int n, int mode)
{
	int sum = 0;

	for (int i = 0; i < n; i++)
		sum += mode == 7 ? i : i * mode;
	return sum;
}

static int part(int n)
{
	if (n < 10)
		return n;
	printf("large %d\n", n);
	for (int i = 0; i < n; i++)
		if (n % (i + 2) == 0)
			printf("%d ", i + 2);
	printf("\n");
	return n * 2;
}

int __attribute__((noipa)) one(int n) { struct box b = { n, n + 1, n + 2 }; return isra(&b, 1) + constant(n, 7); }
int __attribute__((noipa)) two(int n) { struct box b = { n, 5, 6 }; return isra(&b, 2) + constant(n + 1, 7); }
int __attribute__((noipa)) three(int n) { return part(n) + part(n + 20) + 1; }
int __attribute__((noipa)) four(int n) { return part(n * 2) - 1; }
int __attribute__((noipa)) quiet(int n) { return n + 1; }

int main(void)
{
	printf("%d %d %d\n", one(3), two(4), quiet(1));
	printf("%d\n", three(5));
	printf("%d\n", four(6));
	return 0;
}

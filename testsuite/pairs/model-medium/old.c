#include <stdio.h>

/* In the medium code model position-independent code has large data of its own by their distances to the GOT: what is kept,
 * what is new, a constant table. */
static int kept[40];
static const int factors[20] = { 5, 6, 7 };

__attribute__((noipa)) int work(int n)
{
	kept[n] += n;
	return kept[n];
}

__attribute__((noipa)) int factor(int n) { return factors[n]; }

__attribute__((noipa)) int *place(int n) { return &kept[n]; }

__attribute__((constructor)) static void begin(void) { kept[7] = 100; }

int main(void)
{
	int n = work(7);

	printf("%d %d %d\n", n, factor(1), place(7) == &kept[7]);
	return 0;
}

#include <stdio.h>

/* Two clones of one function, each for a constant of its own. The new build needs a third, and none for the old constant. */
static int __attribute__((noinline)) scale(const int *v, int n, int by)
{
	int sum = 0;

	for (int i = 0; i < n; i++)
		sum += v[i] * by + (by == 2 ? i : by == 3 ? 10 * i : 100 * i);
	return sum;
}

static const int v[] = { 1, 2, 3, 4 };

int __attribute__((noipa)) doubled(int n) { return scale(v, n, 2) + scale(v, 2, 2); }
int __attribute__((noipa)) tripled(int n) { return scale(v, n, 3) + scale(v, 3, 3); }
int __attribute__((noipa)) any(int n) { return scale(v, 4, n); }

int main(void)
{
	printf("%d %d %d\n", doubled(4), tripled(4), any(5));
	return 0;
}

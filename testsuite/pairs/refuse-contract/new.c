/* NEW does without tripled(), but a live variable holds its address; it was compiled in the trust that step() leaves
 * most registers alone (-fipa-ra). */
#include <stdio.h>

static int (*volatile callback)(int);
volatile int level = 1;

static int __attribute__((noinline)) step(int x)
{
	int a = level, b = level * 3, c = level ^ 5, d = level + x;

	return a > 0 ? x + level + (b & c & d & 0) + 1 : printf("%d\n", b);
}

int __attribute__((noinline)) plain(int x)
{
	return step(x);
}

static void __attribute__((noinline)) choose(void)
{
	callback = plain;
}

int main(void)
{
	choose();
	printf("%d %d\n", callback(2), plain(2));
	return 0;
}

/* NEW does without tripled(), but a live variable holds its address; it was compiled in the trust that step() leaves
 * most registers alone (-fipa-ra). */
#include <stdio.h>

static int (*volatile callback)(int);
volatile int level = 1;

static int __attribute__((noinline)) step(int x)
{
	return x + level;
}

int __attribute__((noinline)) plain(int x)
{
	return step(x);
}

static int __attribute__((noinline)) tripled(int x)
{
	return step(x) + 3 * x;
}

static void __attribute__((noinline)) choose(void)
{
	callback = tripled;
}

int main(void)
{
	choose();
	printf("%d %d\n", callback(2), plain(2));
	return 0;
}

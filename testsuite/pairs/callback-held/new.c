#include <stdio.h>

/* Objects hold the address of a function that comes to use more registers. All who take its address change, too. */
void hp_wait(void);

static int (*held)(int);
static int kept;

static __attribute__((noinline)) int work(int x)
{
	unsigned a = x, b = x * 3, c = x * 5, d = x * 7, e = x * 11;

	__asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e) : : "r8", "r9", "r10", "r11");
	return a + b + c + d + e;
}

__attribute__((noipa)) int hold(int k)
{
	if (k)
		held = work;
	kept = -k;
	return held == work;
}

int main(void)
{
	int first = hold(1);

	printf("%d %d\n", first, held(1));
	hp_wait();
	first = hold(0);
	printf("%d %d\n", first, held(1));
	return kept;
}

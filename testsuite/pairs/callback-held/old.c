#include <stdio.h>

/* Objects hold the address of a function that comes to use more registers. All who take its address change, too. */
void hp_wait(void);

static int (*held)(int);
static int kept;

static __attribute__((noinline)) int work(int x)
{
	return x + 1;
}

__attribute__((noipa)) int hold(int k)
{
	if (k)
		held = work;
	kept = k;
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

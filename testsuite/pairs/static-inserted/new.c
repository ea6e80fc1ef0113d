#include <stdio.h>

void hp_wait(void);

/* NEW has another variable of the name, in front of the one that OLD has: what stands in its block tells which it is. */
__attribute__((noinline, noclone)) static int next(int i)
{
	if (i < 2) {
		static int calls;
		return ++calls * 100;
	} else {
		static int calls;
		return calls += i;
	}
}

int main(void)
{
	printf("%d %d\n", next(1), next(2));
	hp_wait();
	printf("%d %d\n", next(1), next(2));
	return 0;
}

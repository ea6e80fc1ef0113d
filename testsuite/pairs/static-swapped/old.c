#include <stdio.h>

void hp_wait(void);

/* Each has a count of its own, and both are called `count`: the lines changed places. */
#define FEW(text) do { static int count; if (count++ < 2) printf(text " %d\n", count); } while (0)

__attribute__((noinline)) static void tell(int k)
{
	if (k & 1)
		FEW("one");
	if (k & 2)
		FEW("two");
	printf("say %d\n", k);
}

int main(void)
{
	tell(1);
	tell(1);
	hp_wait();
	tell(1);
	tell(2);
	tell(3);
	tell(2);
	return 0;
}

#include <stdio.h>

/* An asm statement has a variable of its own, without a name: it keeps what it has. */
void hp_wait(void);

__attribute__((noipa)) static int count(void)
{
	int n;

	__asm__ volatile("incl .Lcount(%%rip)\n"
			 "movl .Lcount(%%rip), %0\n"
			 ".pushsection .data\n"
			 ".p2align 2\n"
			 ".Lcount: .long 40\n"
			 ".popsection" : "=r"(n));
	return 2 * n;
}

int main(void)
{
	printf("%d\n", count());
	hp_wait();
	printf("%d\n", count());
	return 0;
}

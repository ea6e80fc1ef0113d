#include <stdio.h>

/* Assembler code that puts its slow path behind the function, in the same section: a jump leaves the function and has no
 * relocation. */
__attribute__((noipa)) static int step(int n)
{
	__asm__ ("test %0,%0\n\tjs 1f\n2:\n\t.subsection 1\n1:\tneg %0\n\tjmp 2b\n\t.previous" : "+r"(n) : : "cc");
	return n + 2;
}

int main(int argc, char **argv)
{
	(void)argv;
	printf("%d\n", step(-argc * 10));
	return 0;
}

#include <stdio.h>

/* Behind the code of assembler functions stand their constants, which they reach without a relocation; and code that is out of
 * the way, where no symbol is. */
#define NUMBER "5"

double scale(double);

__asm__(".text\n"
	".globl scale\n"
	".type scale, @function\n"
	"scale:\n"
	"	mulsd .Lfactor(%rip), %xmm0\n"
	"	ret\n"
	".size scale, .-scale\n"
	".p2align 3\n"
	".Lfactor: .double " NUMBER "\n");

__attribute__((noipa)) static int add(int n)
{
	__asm__("jmp 1f\n"
		".pushsection .text.aside, \"ax\"\n"
		"1:	addl $" NUMBER ", %0\n"
		"	jmp 2f\n"
		".popsection\n"
		"2:" : "+r"(n));
	return n;
}

int main(void)
{
	printf("%g %d\n", scale(2), add(4));
	return 0;
}

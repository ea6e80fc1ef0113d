#include <stdio.h>

/* An assembler function and the constant behind it: the new function finds the old constant. */
double combine(double);

__asm__(".text\n"
	".type combine, @function\n"
	"combine:\n"
	"	addsd .Lhalf(%rip), %xmm0\n"
	"	ret\n"
	".size combine, .-combine\n"
	".p2align 3\n"
	".Lhalf: .double 0.5\n");

__attribute__((noipa)) static double work(double x)
{
	return combine(x) + 1;
}

int main(void)
{
	printf("%g\n", work(4));
	return 0;
}

#include <stdio.h>

int start(int);

/* Code under a label without a size that falls through to the next one comes to have an instruction more. */
__asm__(".text\n"
	".globl start\n"
	"start:\n"
	"	movl %edi, %eax\n"
	"	incl %eax\n"
	"	incl %eax\n"
	".globl middle\n"
	"middle:\n"
	"	addl $10, %eax\n"
	"	ret\n");

int main(void)
{
	printf("%d\n", start(3));
	return 0;
}

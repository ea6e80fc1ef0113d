#include <stdio.h>

/* Where the program starts is said to the linker. */
int mode;

__asm__(".text\n"
	".globl start_one\n.type start_one, @function\n"
	"start_one: movl $1, mode(%rip)\n\tjmp _start\n.size start_one, . - start_one\n"
	".globl start_two\n.type start_two, @function\n"
	"start_two: movl $2, mode(%rip)\n\tjmp _start\n.size start_two, . - start_two\n");

int main(void)
{
	printf("%d\n", mode);
	return 0;
}

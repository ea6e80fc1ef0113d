#include <stdio.h>

int number(void);
int (*volatile call)(void) = number;

__asm__(".text\n"
	".globl number\n"
	".type number, @function\n"
	"number:\n"
	"	movl $1, %eax\n"
	"	ret\n"
	".size number, . - number\n");

int main(void)
{
	printf("%d\n", call());
	return 0;
}

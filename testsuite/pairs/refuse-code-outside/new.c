#include <stdio.h>

int number(void);
int (*volatile call)(void) = number;

__asm__(".text\n"
	".globl number\n"
	"number:\n"
	"	movl $2, %eax\n"
	"	ret\n"
	);

int main(void)
{
	printf("%d\n", call());
	return 0;
}

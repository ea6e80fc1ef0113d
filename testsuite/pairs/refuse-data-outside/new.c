#include <stdio.h>

/* Data of assembler code without a size: nobody but its label tells where it is. */
#define LAST "7"

__asm__(".pushsection .rodata\n"
	".globl table\n"
	"table: .long 1, 2, " LAST "\n"
	".popsection\n"
	".pushsection rows,\"a\"\n"
	".long 4, 5, " LAST "\n"
	".popsection\n");

extern const int table[], __start_rows[], __stop_rows[];

int main(void)
{
	int sum = 0;

	for (const int *row = __start_rows; row < __stop_rows; row++)
		sum = 10 * sum + *row;
	printf("%d %d\n", table[2], sum);
	return 0;
}

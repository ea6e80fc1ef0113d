#include <stdio.h>

/* A piece of the function that runs before the constructors. */
void first(void)
{
	puts("first");
}

void second(void)
{
	puts("second");
}

#define START "second"

__asm__(".pushsection .init, \"ax\"\n"
	"	call " START "\n"
	".popsection");

int main(void)
{
	puts("run");
	return 0;
}

#include <stdio.h>

/* The C library asks of each stream whether its table lies among its own. That of sprintf()'s is not among OLD's. */
__attribute__((noipa)) void show(int n)
{
	char text[20];

	sprintf(text, "%d", n);
	puts(text);
}

int main(void)
{
	show(3);
	show(7);
	return 0;
}

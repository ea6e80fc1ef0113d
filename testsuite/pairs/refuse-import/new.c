#include <stdio.h>

extern void (*obstack_alloc_failed_handler)(void);      /* of the C library; NEW has a copy of it, OLD has none */

int __attribute__((noipa)) count(void)
{
	if (puts("count") < 0)
		obstack_alloc_failed_handler(); /* a call uses the stack: it has no form that goes through a slot */
	return 1;
}

int main(void)
{
	printf("%d\n", count() > 0);
	return 0;
}

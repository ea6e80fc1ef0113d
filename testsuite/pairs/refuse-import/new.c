#include <stdio.h>

extern char **environ;                  /* of the C library; NEW has a copy of it, OLD has none */

int __attribute__((noipa)) count(void)
{
	environ = NULL;                 /* a store has no form that goes through a slot */
	return 1;
}

int main(void)
{
	printf("%d\n", count() > 0);
	return 0;
}

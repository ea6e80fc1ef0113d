#include <stdio.h>

/* An object holds the address of a function that goes, and another file comes to have another one of that name. */
void hold(void);
void hold_other(void);
extern int (*held)(int), (*other)(int);

int main(void)
{
	hold();
	hold_other();
	printf("%d %d\n", held(1), other ? other(1) : 0);
	return 0;
}

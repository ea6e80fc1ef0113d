#include <stdio.h>
#include <string.h>
#include "part.h"

/* A new file with a global function, a new global, a new static, functions and data of the C library never used before. */
void hp_wait(void);

int total = 5;

int __attribute__((noipa)) add(int n)
{
	return total += n;
}

int __attribute__((noipa)) show(int n)
{
	return printf("%d\n", n);
}

int main(void)
{
	show(add(1));
	hp_wait();
	show(add(2));
	show(add(200));
	return 0;
}

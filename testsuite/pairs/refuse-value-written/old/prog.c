#include <stdio.h>
#include "level.h"

/* This file only reads it. */
int main(void)
{
	printf("%d\n", level);
	set(1);
	printf("%d\n", level);
	return 0;
}

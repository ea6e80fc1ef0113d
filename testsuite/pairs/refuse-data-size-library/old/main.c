#include <stdio.h>

extern int table[];
int last(void);

int main(void)
{
	printf("%d %d\n", last(), table[1]);
	return 0;
}

#include <stdio.h>

void add(int);
int get(void);

int main(void)
{
	add(1);
	add(2);
	printf("%d\n", get());
	return 0;
}

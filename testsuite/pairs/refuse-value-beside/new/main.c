#include <stdio.h>

void hit(int i);
int number_of(int i);

int main(void)
{
	hit(2);
	printf("%d\n", number_of(2));
	return 0;
}

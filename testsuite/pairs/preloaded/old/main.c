#include <stdio.h>

int area(int n), total(int n);
void hp_wait(void);

int main(void)
{
	printf("%d %d\n", area(3), total(4));
	hp_wait();
	printf("%d %d\n", area(3), total(4));
	return 0;
}

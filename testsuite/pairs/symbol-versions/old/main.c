#include <stdio.h>

int get(int i);
int get_old(int i);
int twice(int i);
int both(int i);
void hp_wait(void);

__asm__(".symver get_old,get@V1");

static void show(void) { printf("%d %d %d %d\n", get(1), get_old(1), twice(1), both(1)); }

int main(void)
{
	show();
	hp_wait();
	show();
	return 0;
}

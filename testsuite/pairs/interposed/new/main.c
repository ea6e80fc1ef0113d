#include <stdio.h>

int get(int i);
int (*guarded_address(void))(int);
int helper(int i) { return i + 100; }
void hp_wait(void);

static void show(void) { printf("%d %d\n", get(1), guarded_address()(1)); }

int main(void)
{
	show();
	hp_wait();
	show();
	return 0;
}

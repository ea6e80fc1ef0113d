#include <stdio.h>

int limit(int i), value(int i);
const char *name(int i), *what(void);
void hp_wait(void);

static void show(void)
{
	for (int i = 0; i < 5; i++)
		printf("%d ", limit(i));
	for (int i = 0; i < 2; i++)
		printf("%s %d ", name(i), value(i));
	printf("%s\n", what());
}

int main(void)
{
	show();
	hp_wait();
	show();
	return 0;
}

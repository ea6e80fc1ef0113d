#include <stdio.h>

int run(const char *name), known(const char *name);
void hp_wait(void);

static void show(void)
{
	printf("%d %d %d\n", run("two"), run("three"), known("three"));
}

int main(void)
{
	show();
	hp_wait();
	show();
	return 0;
}

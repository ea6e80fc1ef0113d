#include <stdio.h>

/* One variable goes by another name, one grows into another: the new ones start anew. A third keeps its name. */
static int served = 10;
static int most;
static int kept;

void hp_wait(void);

__attribute__((noipa)) static void serve(int n)
{
	served++;
	kept++;
	if (n > most)
		most = n;
}

__attribute__((noipa)) static void show(void)
{
	printf("%d %d %d\n", served, most, kept);
}

int main(void)
{
	serve(7);
	show();
	hp_wait();
	serve(5);
	show();
}

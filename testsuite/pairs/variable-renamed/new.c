#include <stdio.h>

/* One variable goes by another name, one grows into another: the new ones start anew. A third keeps its name. */
static int requests = 10;
static long largest;
static int kept;

void hp_wait(void);

__attribute__((noipa)) static void serve(int n)
{
	requests += 2;
	kept++;
	if (n > largest)
		largest = n;
}

__attribute__((noipa)) static void show(void)
{
	printf("%d %ld %d\n", requests, largest, kept);
}

int main(void)
{
	serve(7);
	show();
	hp_wait();
	serve(5);
	show();
}

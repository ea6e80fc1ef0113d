#include <stdio.h>
#include <stdlib.h>

/* The same parameters, in other registers. */
#define CALLED __attribute__((ms_abi))

struct way { int CALLED (*go)(int, int); };

static struct way *way;

__attribute__((noipa)) static int CALLED minus(int a, int b) { return a - b; }

__attribute__((noipa)) static void begin(void)
{
	way = calloc(1, sizeof *way);
	way->go = minus;
}

__attribute__((noipa)) static void show(void)
{
	printf("now ");
	printf("%d\n", way->go(5, 3));
}

int main(void)
{
	begin();
	show();
	return 0;
}

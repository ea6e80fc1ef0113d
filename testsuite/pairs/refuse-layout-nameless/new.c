#include <stdio.h>

static int level;
static struct { int high; int low; } range;

__attribute__((noipa)) static void set(int n)
{
	level = n;
	range.low = n;
	range.high = n + 1;
}

__attribute__((noipa)) static int get(void)
{
	return 2 * level + range.high;
}

int main(void)
{
	set(3);
	printf("%d\n", get());
}

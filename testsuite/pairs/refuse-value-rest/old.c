#include <stdio.h>

static struct { int size; const char *name; } limits = { 10, "old" };

int main(void)
{
	printf("%d %s\n", limits.size, limits.name);
	limits.size++;
	limits.name++;
	return 0;
}

#include <stdio.h>
#include <hotpatch.h>

static struct { int size; const char *name; } limits = { 20, "new" };
HP_SET_VALUE(limits.size);

int main(void)
{
	printf("%d %s\n", limits.size, limits.name);
	limits.size++;
	limits.name++;
	return 0;
}

#include <stdio.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

int main(void)
{
	int v[] = { 3, 1, 2 };

	qsort(v, 3, sizeof *v, by_value);
	printf("%d %d %d\n", v[0], v[1], v[2]);
	return 0;
}

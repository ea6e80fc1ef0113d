#include <stdio.h>

/* A variable that takes another kind of value; another file has a static one of the same name. */
int other(void);
float mark;

__attribute__((noipa)) void add(void)
{
	mark += 2.5f;
}

int main(void)
{
	add();
	printf("%d %d\n", (int)mark, other());
	return 0;
}

#include <stdio.h>

/* A variable that takes another kind of value; another file has a static one of the same name. */
int other(void);
int mark;

__attribute__((noipa)) void add(void)
{
	mark += 2;
}

int main(void)
{
	add();
	printf("%d %d\n", (int)mark, other());
	return 0;
}

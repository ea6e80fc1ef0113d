#include <stdio.h>

/* A live variable keeps its storage although another static local comes before it. */
int __attribute__((noipa)) next(void)
{
	static int step = 10;
	static int id = 100;

	return (id += step++);
}

static int *where;

int __attribute__((noipa)) peek(int add)
{
	static int last = 5;

	where = &last;
	return last += add;
}

int main(void)
{
	printf("%d %d\n", next(), next());
	printf("%d\n", peek(1));
	printf("%d %d\n", peek(2), *where);
	return 0;
}

#include <stdio.h>
#include <stdlib.h>

/* Objects of the heap hold numbers of constants that got others. */
enum color { RED, GREEN, BLUE };
enum level { LOW, HIGH };
struct thing { enum color color; enum level level : 4; struct thing *next; };

static struct thing *things;

__attribute__((noipa)) static void add(enum color color)
{
	struct thing *t = malloc(sizeof *t);

	*t = (struct thing){ color, HIGH, things };
	things = t;
}

__attribute__((noipa)) static int count(void)
{
	int n = 0;

	for (struct thing *t = things; t; t = t->next)
		n += t->color == BLUE && t->level == HIGH;
	return n;
}

int main(void)
{
	add(BLUE);
	printf("%d\n", count());
}

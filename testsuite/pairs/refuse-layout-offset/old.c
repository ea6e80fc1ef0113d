#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

/* Objects of a struct that the unit has as bytes only, and a table of where its fields are. */
struct point { int low, high; };

struct column { const char *name; size_t at; };

static const struct column columns[] = {
	{ "low", offsetof(struct point, low) },
	{ "high", offsetof(struct point, high) },
};

void hp_wait(void);

__attribute__((noipa)) static int *find(char *points, int i, const struct column *column)
{
	return (int *)(points + i * sizeof(struct point) + column->at);
}

int main(void)
{
	char *points = calloc(2, sizeof(struct point));

	*find(points, 1, &columns[0]) = 1;
	*find(points, 1, &columns[1]) = 9;
	hp_wait();
	for (int i = 0; i < 2; i++)
		printf("%s %d\n", columns[i].name, *find(points, 1, &columns[i]));
	return 0;
}

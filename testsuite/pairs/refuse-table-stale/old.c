#include <stdio.h>
#include <string.h>

/*
 * relay() is equal in both, and is under way with a row of the table when the patch comes: index_of() asks where that row
 * is in the table that it knows.
 */
struct row { const char *name; int value; };

static const struct row rows[] = { { "b", 2 }, { "c", 3 }, { NULL, 0 } };

void hp_wait(void);

__attribute__((noipa)) static const struct row *find(const char *name)
{
	for (const struct row *r = rows; r->name; r++)
		if (!strcmp(r->name, name))
			return r;
	return NULL;
}

__attribute__((noipa)) static int index_of(const struct row *r)
{
	return r - rows;
}

__attribute__((noipa)) static int relay(const char *name)
{
	const struct row *r = find(name);

	hp_wait();
	return r ? index_of(r) : -1;
}

int main(void)
{
	printf("%d\n", relay("c"));
	return 0;
}

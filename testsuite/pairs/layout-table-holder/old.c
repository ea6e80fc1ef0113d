#include <stdio.h>
#include <string.h>

/* relay() is equal in both, but a thread in it may have found a row of the table as it was: it comes along. */
struct command { const char *name; int (*run)(int); };

static int twice(int n) { return 2 * n; }

static struct command commands[] = { { "twice", twice }, { NULL, NULL } };

__attribute__((noipa)) static struct command *find(const char *name)
{
	for (struct command *c = commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

__attribute__((noipa)) static int run(struct command *c, int n)
{
	return c->run(n);
}

__attribute__((noipa)) static int relay(const char *name)
{
	struct command *c = find(name);

	return c ? run(c, 5 + (c == NULL)) : -1;
}

int main(void)
{
	printf("%d\n", relay("twice"));
	return 0;
}

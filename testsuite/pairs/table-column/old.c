#include <stdio.h>
#include <string.h>

/* The rows of constant tables get a column more. */
struct command { const char *name; int (*run)(int); };
struct word { const char *name; int value; };

static int twice(int n) { return 2 * n; }
static int square(int n) { return n * n; }

static struct command commands[] = { { "square", square }, { "twice", twice }, { NULL, NULL } };
static const struct word words[] = { { "one", 1 }, { "two", 2 } };

void hp_wait(void);

__attribute__((noinline)) static struct command *find(const char *name)
{
	for (struct command *c = commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

__attribute__((noipa)) static int run(const char *name, int n)
{
	struct command *c = find(name);

	return c ? c->run(n) : -1;
}

__attribute__((noipa)) static int value(int i, const char **name)
{
	*name = words[i].name;
	return words[i].value;
}

static void show(void)
{
	const char *name;
	int n = value(1, &name);

	printf("%d %d, %s %d\n", run("twice", 7), run("square", 7), name, n);
}

int main(void)
{
	show();
	hp_wait();
	show();
	return 0;
}

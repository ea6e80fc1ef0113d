#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Tables and numbers that are constants in all but the word: nobody writes to them. */
struct command { const char *name; int (*run)(int); };

static int twice(int n) { return 2 * n; }
static int square(int n) { return n * n; }

static struct command commands[] = { { "square", square }, { "twice", twice }, { NULL, NULL } };
static struct command sorted[] = { { "a", twice }, { "c", square } };
static struct { struct command *list; const char *title; } groups[] = { { commands, "all" } };
static char *words[] = { "zero", "one", NULL };
static char banner[] = "version 1";
static struct { char name[8]; int level; } levels[] = { { "low", 1 }, { "high", 9 } };

void hp_wait(void);

static struct command *find(struct command *c, const char *name)
{
	for (; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct command *)a)->name, ((const struct command *)b)->name);
}

__attribute__((noipa)) static int run(const char *name, int n)
{
	struct command *c = find(groups[0].list, name);

	return c ? c->run(n) : -1;
}

__attribute__((noipa)) static int search(const char *name)
{
	struct command key = { name, NULL };
	struct command *c = bsearch(&key, sorted, sizeof sorted / sizeof *sorted, sizeof key, by_name);

	return c ? c->run(10) : -1;
}

__attribute__((noipa)) static int count(void)
{
	int n = 0;

	for (char **w = words; *w; w++)
		n += **w != 0;
	return n;
}

static void show(void)
{
	printf("%s: %d %d, %d %d %d, %d %s\n", banner, run("twice", 7), run("half", 8), search("a"), search("b"), search("c"),
	       count(), levels[count() > 2].name);
}

int main(void)
{
	show();
	hp_wait();
	show();
	return 0;
}

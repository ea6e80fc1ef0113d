#include <stdio.h>
#include <string.h>

/* What cannot change in a process that runs: variables and constants that grow, and many bytes of one in place. */
struct option { const char *name; int *flag, value; };

static int all, brief;
static struct option options[] = { { "all", &all, 1 }, { "brief", &brief, 1 }, { NULL, NULL, 0 } };
static struct option *table = options;
const char *words[] = { "one", "two" };

static const char *const names[] = { "a", "b", NULL };
static const char *const *list = names;

struct mode { const char *name; int value; };
static const struct mode plain = { "plain", 1 };
static const struct mode *mode = &plain;

static int set(const char *name)
{
	for (struct option *o = table; o->name; o++)
		if (!strcmp(o->name, name))
			return *o->flag += o->value;
	return -1;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		table = NULL, list = NULL, words[0] = argv[1], mode = NULL, options[0].value = 7;
	for (const char *const *name = list; *name; name++)
		printf("%s ", *name);
	for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
		printf("%s ", words[i]);
	printf("%d %d %s %d\n", set("all"), set("extra"), mode->name, mode->value);
	return 0;
}

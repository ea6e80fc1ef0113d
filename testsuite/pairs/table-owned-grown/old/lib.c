/* A table that a library exports gets one more row. */
#include <string.h>

static int one(void) { return 1; }
static int two(void) { return 2; }

const struct cmd { const char *name; int (*run)(void); } cmds[] = { { "one", one }, { "two", two } };

int run(const char *name)
{
	for (unsigned i = 0; i < sizeof cmds / sizeof *cmds; i++)
		if (!strcmp(cmds[i].name, name))
			return cmds[i].run();
	return -1;
}

int known(const char *name)
{
	for (unsigned i = 0; i < sizeof cmds / sizeof *cmds; i++)
		if (!strcmp(cmds[i].name, name))
			return 1;
	return 0;
}

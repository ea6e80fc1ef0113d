#include <stdio.h>

/* A table that the linker gathers: nobody names its entries. */
struct command { const char *name; int (*run)(void); };

#define COMMAND(name, result) \
	static int name(void) { return result; } \
	static const struct command name##_command __attribute__((section("commands"), used)) = { #name, name }

COMMAND(one, 1);
COMMAND(two, 2);

extern const struct command __start_commands[], __stop_commands[];

int main(void)
{
	for (const struct command *c = __start_commands; c < __stop_commands; c++)
		printf("%s %d\n", c->name, c->run());
	return 0;
}

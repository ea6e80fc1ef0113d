#include <stdio.h>
#include <stdlib.h>

/* A text that is told by its address from those that are to be freed. */
static const char guest[] = "nobody";

struct user { const char *name; };

__attribute__((noipa)) static void enter(struct user *u)
{
	u->name = guest;
}

__attribute__((noipa)) static void leave(struct user *u)
{
	printf("%s leaves\n", u->name);
	if (u->name != guest)
		free((char *)u->name);
}

int main(void)
{
	struct user u;

	enter(&u);
	leave(&u);
	return 0;
}

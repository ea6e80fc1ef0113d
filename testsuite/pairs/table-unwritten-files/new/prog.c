#include <stdio.h>
#include <string.h>
#include "table.h"

int seen_by_table(void), bump(int);
void hp_wait(void);

static int run(const char *name, int n)
{
	for (int i = 0; i < ncommands; i++)
		if (!strcmp(commands[i].name, name))
			return commands[i].run(n < limit ? n : limit);
	return -1;
}

static void show(void)
{
	printf("%d %d %d, %d %d %d\n", run("twice", 15), run("half", 8), run("square", 30), seen_by_table(), bump(1), level);
}

int main(void)
{
	show();
	hp_wait();
	show();
	return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// NEW has no "%lu" of its own: what the table points to is the same text, though nothing else points into it.
#include <stdio.h>

static const struct {
	const char *format;
	void (*flush)(void);
} table[] = { { "start %d", NULL }, { "the end has id=%lu", NULL }, { "middle %d", NULL } };

__attribute__((noipa)) static void show(unsigned long id)
{
	printf("%#lx", id);
	putchar('\n');
}

__attribute__((noipa)) static void end(unsigned i, unsigned long id)
{
	printf(table[i].format, id);
	putchar('\n');
}

int main(int argc, char **argv)
{
	(void)argv;
	show(7);
	end((unsigned)argc, 8);
	return 0;
}

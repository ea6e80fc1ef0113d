struct command { int number, hits; };

extern struct command commands[] __attribute__((visibility("hidden")));

static struct command *const known[] = { commands, commands + 1, commands + 2 };

void hit(int i)
{
	((struct command *volatile *)known)[i]->hits++;
}

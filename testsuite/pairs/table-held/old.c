#include <stdio.h>
#include <stdlib.h>

/* Constants whose address lives on: in a variable, in memory, in another constant that a variable leads to. */
struct ops { const char *name; int (*open)(int), (*close)(int); };

static int plus_one(int n) { return n + 1; }
static int plus_two(int n) { return n + 2; }

static const struct ops plain = { "plain", plus_one, plus_two };
static const struct ops extra = { "extra", plus_two, plus_one };
static const struct ops *const all[] = { &plain, &extra };
static const struct ops *const *list = all;
static const struct ops *volatile first = &plain;
static struct file { const struct ops *ops; } *file;

void hp_wait(void);

__attribute__((noipa)) static int work(const struct ops *o, int n) { return o->close(o->open(n)); }

static void show(void)
{
	printf("%d %d %d %d%d\n", work(first, 10), work(file->ops, 10), work(list[1], 10), first == &plain, file->ops == list[1]);
}

int main(void)
{
	file = malloc(sizeof *file);
	file->ops = &extra;
	show();
	hp_wait();
	show();
	return 0;
}

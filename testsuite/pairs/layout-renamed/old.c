#include <stdio.h>
#include <stdlib.h>

struct inner { int a, b; };
enum unit { METER, UNITS };
union value { long number; const char *text; };
struct item {
	struct inner in;
	int size;
	unsigned flags;
	union value value;
	char *bytes;
	struct item *next;
	enum unit unit;
	void (*seen)();
};

static struct item *items;

void hp_wait(void);

__attribute__((noipa)) static void add(int n)
{
	struct item *i = malloc(sizeof *i);

	*i = (struct item){ { n, 2 }, 3, 4, { 5 }, "6", items, 0 };
	items = i;
}

__attribute__((noipa)) static long sum(void)
{
	long n = 0;

	for (struct item *i = items; i; i = i->next)
		n += i->in.a + i->size + i->flags + i->value.number + *i->bytes;
	return n;
}

int main(void)
{
	add(1);
	add(2);
	printf("%ld\n", sum());
	hp_wait();
	add(3);
	printf("%ld\n", sum());
}

#include <stdio.h>
#include <stdlib.h>

struct pair { int a, b; };
enum unit { METER, FOOT, UNITS };
union value { long number; const char *text; int small; };
struct entry {
	struct pair in;
	unsigned size;
	int flags;
	union value value;
	const void *bytes;
	struct entry *next;
	enum unit unit;
	void (*seen)(int);
};

static struct entry *items;

void hp_wait(void);

__attribute__((noipa)) static void add(int n)
{
	struct entry *i = malloc(sizeof *i);

	*i = (struct entry){ { n, 3 }, 3, 4, { 5 }, "6", items, 0 };
	items = i;
}

__attribute__((noipa)) static long sum(void)
{
	long n = 0;

	for (struct entry *i = items; i; i = i->next)
		n += i->in.a + i->in.b + i->size + i->flags + i->value.small + *(const char *)i->bytes;
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

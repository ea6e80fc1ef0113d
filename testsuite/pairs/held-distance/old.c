#include <stdio.h>

void hp_wait(void);

/* An object holds where its constant is, counted from another one. */
struct kind { int id, size; };

static const struct kind plain = { 1, 5 };
static char base;
static long distance;

__attribute__((noipa)) static void set(void) { distance = (const char *)&plain - &base; }

__attribute__((noipa)) static int is_plain(void) { return distance == (const char *)&plain - &base; }

__attribute__((noipa)) static int size_of(const struct kind *k) { return k->size + k->id; }

int main(void)
{
	set();
	printf("%d %d\n", is_plain(), size_of(&plain));
	hp_wait();
	printf("%d %d\n", is_plain(), size_of(&plain));
	return 0;
}

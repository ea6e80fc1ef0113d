#include <stdio.h>

struct inner { int a, b; };
union value { long number; const char *text; };
struct item {
	struct inner in;
	int size;
	unsigned flags;
	union value value;
	int unused;
};

static struct item item = { { 1, 2 }, 3, 4, { 5 }, 6 };

__attribute__((noipa)) static long sum(const struct item *i)
{
	return i->in.a + i->size + i->flags + i->value.number;
}

int main(void)
{
	printf("%ld\n", sum(&item));
}

#include <stdio.h>

struct pair { int first, second; };
union value { long number; const char *text; int small; };
struct item {
	struct pair in;
	unsigned length;
	int flags;
	union value value;
	int reserved;
};

static struct item item = { { 1, 2 }, 3, 4, { 5 }, 6 };

__attribute__((noipa)) static long sum(const struct item *i)
{
	return i->in.first + i->in.second + i->length + i->flags + i->value.small;
}

int main(void)
{
	printf("%ld\n", sum(&item));
}

#include <stdio.h>

/* An indirect function that is static, and whose address is taken: that is its PLT entry, for all who know it. */
static unsigned twice(unsigned x) { return 2 * x; }

static void *resolve(void) { return (void *)twice; }

static unsigned chosen(unsigned) __attribute__((ifunc("resolve")));

__attribute__((noipa)) static unsigned (*taken(void))(unsigned)
{
	return chosen;
}

__attribute__((noipa)) static unsigned both(unsigned x)
{
	unsigned (*volatile f)(unsigned) = chosen;

	return chosen(x) + f(45) + (f == taken());
}

__attribute__((noipa)) static unsigned other(unsigned x)
{
	return x + 1;
}

int main(int argc, char **argv)
{
	(void)argv;
	printf("%u %u %d\n", both(argc), other(argc), taken() == taken());
	return 0;
}

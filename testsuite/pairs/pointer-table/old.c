#include <stdio.h>

static int plus(int a, int b) { return a + b; }
static int minus(int a, int b) { return a - b; }

struct op { const char *name; int (*call)(int, int); };

int __attribute__((noipa)) run(const char *name, int a, int b)
{
	static const struct op ops[] = { { "plus", plus }, { "minus", minus } };

	for (unsigned i = 0; i < sizeof ops / sizeof *ops; i++)
		if (*ops[i].name == *name)
			return printf("%s %d\n", ops[i].name, ops[i].call(a, b));
	return printf("no %s\n", name);
}

int main(void)
{
	run("plus", 7, 3);
	run("minus", 7, 3);
	run("times", 7, 3);
	return 0;
}

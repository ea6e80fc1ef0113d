#include <stdio.h>

struct color { const char *name; int value; };

static const struct color red = { "red", 1 };
const struct color *volatile current = &red;

__attribute__((noinline, noclone)) static void show(void)
{
	printf("%s %d %d\n", current->name, current->value, red.value);
}

int main(void)
{
	show();
	return 0;
}

#include <stdio.h>
#include <string.h>
#include "part.h"

/* A new file with a global function, a new global, a new static, functions and data of the C library never used before. */
void hp_wait(void);

int total = 5;
int limit = 40;
const char *names[] = { "zero", "one", "two" };
static int calls;
static char buffer[4096];

int __attribute__((noipa)) add(int n)
{
	calls++;
	snprintf(buffer, sizeof buffer, "%s:%d", names[n % 3], calls);
	fprintf(stdout, "%s %d\n", buffer, fileno(stdin));
	return total = clip(total + n, limit) + (int)strtol("7", NULL, 10);
}

static int __attribute__((noipa)) helper(int n) { return n + total; }

int __attribute__((noipa)) show(int n)
{
	return printf("%d %d %s\n", n, helper(1), strpbrk("abc", "xb"));
}

int main(void)
{
	show(add(1));
	hp_wait();
	show(add(2));
	show(add(200));
	return 0;
}

#include <stdio.h>

/* The code names the second byte of the long text, which is aligned: behind "last" there is padding, more or less. */
static const char *const names[] = { "first", "last" };

static int __attribute__((noipa)) name(int n)
{
	return printf("%s\n", names[n]);
}

static int __attribute__((noipa)) say(void)
{
	return printf("%s\n", "shorter");
}

static int __attribute__((noipa)) end(void)
{
	return printf("%s\n", "last");
}

static int __attribute__((noipa)) explain(void)
{
	return puts("=a text that is long enough to be aligned at eight bytes" + 1);
}

int main(void)
{
	return name(0) + name(1) + say() + end() + explain() < 0;
}

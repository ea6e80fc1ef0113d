#include <stdio.h>
#include <wchar.h>

/* Up to the first NUL "x" and L"x" have the same bytes. */
static int __attribute__((noipa)) show(const void *text)
{
	return printf("%s, narrow\n", text);
}

static int __attribute__((noipa)) say(void)
{
	return show("x");
}

static int __attribute__((noipa)) nothing(void)
{
	return show("");
}

static int __attribute__((noipa)) other(void)
{
	return printf("%ls\n", L"other");
}

int main(void)
{
	return say() + nothing() + other() < 0;
}

#include <stdio.h>
#include <wchar.h>

/* The linker keeps a text that is the end of another one inside that one, where it must not pass for its end. */
static const char *const names[] = { "first name", "name", "old name" };

int __attribute__((noipa)) name(int n)
{
	return printf("%s\n", names[n]);
}

int __attribute__((noipa)) state(void)
{
	return printf("%s\n", "the state is old");
}

int __attribute__((noipa)) tail(void)
{
	return printf("%s\n", "old");
}

int __attribute__((noipa)) wide(int n)
{
	return printf("%ls %d\n", L"abcdef", n);
}

int __attribute__((noipa)) wide_tail(void)
{
	return printf("%ls\n", L"def");
}

int main(void)
{
	for (int i = 0; i < 3; i++)
		name(i);
	state();
	tail();
	wide(1);
	wide_tail();
	return 0;
}

/* The linker lays a text into the end of a longer one, so the start of one is not where another ends. The short ones
 * belong to a function that does not change; the long ones are new: in a table, in code, wide. */
#include <stdio.h>
#include <wchar.h>

__attribute__((noinline)) static unsigned both(unsigned i)
{
	puts(i & 1 ? "text" : "is");
	return wcslen(i & 1 ? L"er" : L"it is");
}

__attribute__((noinline)) static const char *name(unsigned i)
{
	static const char *const names[] = { "north", "south", "west" };

	return names[i % 3];
}

int main(void)
{
	unsigned seen = 0;

	for (unsigned i = 0; i < 3; i++) {
		puts(name(i));
		seen += both(i) + 100 * wcslen(i & 1 ? L"wide" : L"a wide");
	}
	printf("%s %u\n", "it was", seen);
	return 0;
}

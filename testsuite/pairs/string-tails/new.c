#include <stdio.h>
#include <wchar.h>

__attribute__((noinline)) static unsigned both(unsigned i)
{
	puts(i & 1 ? "text" : "is");
	return wcslen(i & 1 ? L"er" : L"it is");
}

__attribute__((noinline)) static const char *name(unsigned i)
{
	static const char *const names[] = { "far longer text", "no text", "longer text" };

	return names[i % 3];
}

int main(void)
{
	unsigned seen = 0;

	for (unsigned i = 0; i < 3; i++) {
		puts(name(i));
		seen += both(i) + 100 * wcslen(i & 1 ? L"wider" : L"yes it is");
	}
	printf("%s %u\n", "this is", seen);
	return 0;
}

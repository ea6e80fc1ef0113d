#include <stdio.h>
#include <wchar.h>

__attribute__((noipa)) static int length(const wchar_t *s)
{
	return wcslen(s);
}

__attribute__((noipa)) static int show(void)
{
	return printf("%d\n", length(L"ab"));
}

int main(void)
{
	return show() < 0;
}

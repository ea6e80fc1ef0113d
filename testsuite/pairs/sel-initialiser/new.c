#include <stdio.h>

struct tag { const char *name; int n; const char *text; };

__attribute__((noipa)) static int find(int i)
{
	const struct tag list[] = {
		{ "one", 1, "first" }, { "two", 2, "2nd" }, { "three", 3, "third" }, { "four", 4, "fourth" },
		{ "five", 5, "fifth" }, { "six", 6, "sixth" }, { "seven", 7, "seventh" }, { "eight", 8, "eighth" },
	};

	return printf("%s %d %s\n", list[i & 7].name, list[i & 7].n, list[i & 7].text);
}

__attribute__((noipa)) static int sum(int i)
{
	const unsigned char list[] = "\1\2\0\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22\23\24\25\26\47\30\31\32\33\34\35\36\37\40";

	return printf("%d\n", list[i] + list[i + 2] + list[i + 20]);
}

int main(int argc, char **argv)
{
	(void)argv;
	return find(argc) < 0 || sum(argc) < 0;
}

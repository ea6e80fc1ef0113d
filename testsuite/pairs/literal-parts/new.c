#include <stdio.h>
#include <string.h>

/* A literal with a NUL in it; code has the addresses of its parts, and each part is a literal elsewhere, too. */
__attribute__((noipa)) static int compare(const char *what)
{
	return 7 * !memcmp(what + 0 * strlen(what), "stop\0here", 10);
}

__attribute__((noipa)) static const char *second(int n)
{
	return "stop\0here" + (n > 0 ? 5 : 0);
}

__attribute__((noipa)) static const char *alone(int n)
{
	return n ? "here" : "stop";
}

__attribute__((noipa)) static size_t sum(int n)
{
	size_t s = 0;

	for (const char *p = "begin to end"; p != "begin to end" + 12; p++)
		s += *p;
	return s + 2 * n;
}

int main(void)
{
	char word[10] = "stop\0here";

	printf("%s %s %d %s %s %zu\n", alone(0), alone(1), compare(word), second(0), second(1), sum(1));
	return 0;
}

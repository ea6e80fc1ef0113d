#include <stdio.h>
#include <string.h>

/* Two loops over one table: their end, named twice, is where the next table starts. */
static const char *const forbidden[] = { "LANGUAGE", "DOMAIN", "HOME", "PATH", "SHELL", "USER", "TERM", "IFS", "TMP" };
static const char *const allowed[] = { "COLOUR", "DISPLAY" };

__attribute__((noipa)) static int first(const char *s)
{
	return !strcmp(s, allowed[strlen(s) & 1]);
}

__attribute__((noipa)) static int find(const char *a, const char *b)
{
	int n = 0;

	for (unsigned i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
		if (!strcmp(a, forbidden[i]))
			n++;
	putchar('.');
	for (unsigned i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
		if (!strcmp(b, forbidden[i]))
			n += 2;
	return n;
}

int main(void)
{
	printf("%d %d\n", find("HOME", "TMP"), first("DISPLAY"));
}

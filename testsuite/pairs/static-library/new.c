#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Of a static library, the fix needs what OLD does not have: streams of another kind, indirect functions, code that goes on in
 * the next function. */
__attribute__((noipa)) void show(const char *name, int n)
{
	char text[80];

	strncpy(text, name, sizeof text);
	text[n] = 0;
	if (!strncasecmp(text, "KILO", 4))
		snprintf(text, sizeof text, "%d thousand, %s", n, strerror(n));
	printf("%s %zu\n", text, strlen(text));
}

int main(void)
{
	char *copy = malloc(10);

	memcpy(copy, "KILOGRAMS", 10);
	show(copy, 3);
	show("kilometres", 4);
	free(copy);
	return 0;
}

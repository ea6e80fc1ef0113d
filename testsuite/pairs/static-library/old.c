#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((noipa)) void show(const char *name, int n)
{
	char text[80];

	strcpy(text, name);
	text[n] = 0;
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

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ctype.h>

int __attribute__((noipa)) shout(char *text)
{
	return printf("%s\n", text);
}

int main(void)
{
	char text[] = "quiet";

	shout(text);
	return 0;
}

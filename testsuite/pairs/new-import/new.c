#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ctype.h>

int __attribute__((noipa)) shout(char *text)
{
	char *copy = strdup(text);            /* strdup, toupper, free: OLD imports none of them */

	for (char *p = copy; *p; p++)
		*p = toupper(*p);
	printf("%s %zu\n", copy, strcspn(copy, "T"));
	free(copy);
	puts(strchr(text, 'u'));
	return 0;
}

int main(void)
{
	char text[] = "quiet";

	shout(text);
	return 0;
}

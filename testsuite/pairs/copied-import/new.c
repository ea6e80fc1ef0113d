#include <stdio.h>

/* stdout is a variable of the C library, for which OLD has no place. */
int __attribute__((noipa)) say(const char *text)
{
	fputs("say ", stdout);
	fputs(text, stdout);
	return putc('\n', stdout);
}

int main(void)
{
	return say("one") + say("two") < 0;
}

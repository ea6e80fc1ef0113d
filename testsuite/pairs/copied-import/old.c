#include <stdio.h>

int __attribute__((noipa)) say(const char *text)
{
	return puts(text);
}

int main(void)
{
	return say("one") + say("two") < 0;
}

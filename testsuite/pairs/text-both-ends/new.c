#include <stdio.h>

/*
 * Constants without a name whose label the assembler drops: a text with a NUL inside, and where literals are not merged all
 * of them. The code has the address of the end and counts back, also where nothing else of it changed.
 */
__attribute__((noipa)) static void show(const char *from, const char *end)
{
	for (; from < end; from++)
		putchar(*from ? *from : '|');
	putchar('\n');
}

__attribute__((noipa)) static void say(void)
{
	show("fresh words", &"fresh words"[11]);
	show("more", &"more"[4]);
}

__attribute__((noipa)) static void list(void)
{
	show("odd\0blue\0grey", &"odd\0blue\0grey"[13]);
}

__attribute__((noipa)) static void more(void)
{
	show("one\0two\0three", &"one\0two\0three"[13]);
}

int main(void)
{
	say();
	list();
	more();
	return 0;
}

#include <stdio.h>

int __attribute__((noipa)) count(const char *word)
{
	return printf("hello %s, you are number one\n", word);
}

int main(void)
{
	count("a");
	count("b");
	return 0;
}

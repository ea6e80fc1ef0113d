#include <stdio.h>

int __attribute__((noipa)) count(const char *word)
{
	return printf("count %s\n", word);
}

int main(void)
{
	count("a");
	count("b");
	return 0;
}

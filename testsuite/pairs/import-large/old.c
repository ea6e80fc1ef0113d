#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Addresses of 64 bits in the code itself: of a function that both builds call, of others, and of variables of a library. */
__attribute__((noipa)) static int count(const char *word)
{
	return printf("count %s\n", word);
}

__attribute__((noipa)) static void *which(int n)
{
	return n ? (void *)printf : NULL;
}

int main(int argc, char **argv)
{
	(void)argv;
	count("a");
	printf("%d %d\n", which(argc) == (void *)printf, which(0) == NULL);
	return 0;
}

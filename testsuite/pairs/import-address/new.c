#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>

/* The address of a function that OLD only calls: it is the same one for all, whenever the first call is. */
__attribute__((noipa)) static int is_theirs(void *theirs)
{
	return theirs == (void *)puts;
}

int main(void)
{
	int theirs = is_theirs(dlsym(RTLD_DEFAULT, "puts"));

	puts("found");
	printf("%d\n", theirs);
	return 0;
}

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>

/* The address of a function that OLD takes, too, elsewhere. */
__attribute__((noipa)) static void *ours(void)
{
	return (void *)puts;
}

__attribute__((noipa)) static int is_theirs(void *theirs)
{
	return theirs == (void *)puts;
}

int main(void)
{
	void *found = dlsym(RTLD_DEFAULT, "puts");
	int theirs = is_theirs(found);

	puts(ours() == found ? "found" : "another");
	printf("%d\n", theirs);
	return 0;
}

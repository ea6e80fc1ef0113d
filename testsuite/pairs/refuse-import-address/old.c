#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>

/* The address of a function that OLD only calls, in a program at a fixed address: that of its PLT entry, for itself alone. */
__attribute__((noipa)) static int is_theirs(void *theirs)
{
	return theirs ? 2 : 3;
}

int main(void)
{
	int theirs = is_theirs(dlsym(RTLD_DEFAULT, "puts"));

	puts("found");
	printf("%d\n", theirs);
	return 0;
}

#define _GNU_SOURCE
#include <ctype.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

/* A program at a fixed address comes to hand on the address of a library's function, by an immediate. */
__attribute__((noipa)) static int is_same(const void *ours, const void *theirs)
{
	return ours == theirs;
}

__attribute__((noipa)) static int apply(int (*function)(int), int n)
{
	return function ? function(n) : n;
}

__attribute__((noipa)) static int work(int n, int unused, const void *theirs)
{
	return apply(NULL, n) + 1000 * is_same(NULL, theirs) + unused;
}

int main(void)
{
	printf("%d %d\n", toupper(rand() % 26 + 97), work('a', 0, dlsym(RTLD_DEFAULT, "toupper")));
	return 0;
}

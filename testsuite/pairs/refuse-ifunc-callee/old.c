#include <stdio.h>

/* The resolver has chosen before any patch comes: what it calls must be as it was. */
static int fast(void) { return 1; }
static int slow(void) { return 2; }

__attribute__((noipa)) int is_safe(void)
{
	return 1;
}

static void *resolve(void) { return is_safe() ? (void *)fast : (void *)slow; }

int work(void) __attribute__((ifunc("resolve")));

int main(void)
{
	printf("%d\n", work());
	return 0;
}

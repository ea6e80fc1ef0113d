#include <stdio.h>

/* Two resolvers ask one function, by way of one that did not change: to accept the one says nothing of the other. */
static int fast(void) { return 1; }
static int slow(void) { return 2; }

__attribute__((noipa)) int is_safe(void)
{
	return 1;
}

__attribute__((noipa)) static int is_fit(void) { return is_safe() + 1; }

static void *resolve(void) { return is_fit() > 1 ? (void *)fast : (void *)slow; }
static void *resolve_other(void) { return is_fit() > 1 ? (void *)slow : (void *)fast; }

int work(void) __attribute__((ifunc("resolve")));
int other(void) __attribute__((ifunc("resolve_other")));

int main(void)
{
	printf("%d %d\n", work(), other());
	return 0;
}

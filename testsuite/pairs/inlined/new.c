#include <stdio.h>

/* The fix is in a function that the compiler inlines: its callers are what changes. */
static inline __attribute__((always_inline)) int room(int want)
{
	return want < 32;
}

int __attribute__((noipa)) put(int n) { return room(n) ? printf("put %d\n", n) : printf("no room for %d\n", n); }
int __attribute__((noipa)) get(int n) { return room(n + 8) ? printf("get %d\n", n) : printf("nothing in %d\n", n); }
int __attribute__((noipa)) idle(int n) { return printf("idle %d\n", n); }

int main(void)
{
	put(63);
	get(63);
	idle(63);
	return 0;
}

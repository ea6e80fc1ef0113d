#include <stdio.h>

/* No jump goes from here to the arena. */
__attribute__((section(".high"), noipa)) int get(void) { return 2; }

int (*volatile call)(void) = get;

int main(void) { return printf("%d\n", call()) < 0; }

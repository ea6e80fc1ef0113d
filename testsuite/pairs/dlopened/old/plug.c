#include <stdio.h>

static const char *greeting = "hello";

/* A constructor of the module itself: the hotpatch must be there before it runs. */
static void __attribute__((noipa)) announce(void) { printf("old starts\n"); }
static void __attribute__((constructor)) init(void) { announce(); }

int work(int n) { return printf("%s %d\n", greeting, n); }

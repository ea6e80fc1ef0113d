#include <stdio.h>

/* The line moves, and so does the number beside it, by as much. */
static volatile struct { int line, limit; } check = { __LINE__, 10 };

int main(void) { return printf("%d\n", check.line > 0 ? check.limit : 0) < 0; }

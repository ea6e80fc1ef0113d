#include <stdio.h>

/* What a new variable starts with is noted in the arena, also where all else found room elsewhere. */
static int table[40000] = { [0 ... 39999] = 7 };

int __attribute__((noipa)) get(int i) { return table[i]++; }

int main(void) { return printf("%d\n", get(3)) < 0; }

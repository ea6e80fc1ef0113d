#include <stdio.h>

int __attribute__((noipa)) get(int i) { return i; }

int main(void) { return printf("%d\n", get(3)) < 0; }

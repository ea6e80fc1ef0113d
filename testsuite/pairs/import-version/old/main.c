#include <stdio.h>

int get(int i);

int main(void) { return printf("%d\n", get(1)) < 0; }

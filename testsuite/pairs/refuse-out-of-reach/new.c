#include <stdio.h>

/* OLD's get() stands where it reaches the variable. The arena, where NEW's would stand, is too far away from there. */
__attribute__((section(".far"))) int far = 7;

__attribute__((section(".high"), noipa)) int get(void) { return far + 2; }

int main(void) { return printf("%d\n", get()) < 0; }

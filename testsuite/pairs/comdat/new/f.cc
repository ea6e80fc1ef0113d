#include "box.h"
int __attribute__((noipa)) f(int n) { return inlined(n) * 2; }

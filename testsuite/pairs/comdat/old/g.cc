#include "box.h"
int __attribute__((noipa)) g(int n) { return inlined(n) * 3; }

#include "box.h"
int __attribute__((noipa)) i(int n) { return inlined(n) * 5; }

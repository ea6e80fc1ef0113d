#include "box.h"
int __attribute__((noipa)) h(int n) { return inlined(n) * 4; }

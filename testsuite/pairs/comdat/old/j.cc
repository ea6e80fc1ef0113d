#include "box.h"
int __attribute__((noipa)) j(int n) { return inlined(n) * 6; }

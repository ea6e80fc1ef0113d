#include "box.h"
int __attribute__((noipa)) a(int n) { return Box<int>(n).twice() + scaled(n) + counter() + inlined(n); }

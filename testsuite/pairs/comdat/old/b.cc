#include "box.h"
int __attribute__((noipa)) b(int n) { level++; return Box<int>(n + 1).twice() + scaled(n) + counter() + inlined(n); }
double __attribute__((noipa)) bd(double n) { return Box<double>(n).twice() + scaled(n); }

#include "box.h"
std::string __attribute__((noipa)) c(const char *s) { return Box<std::string>(s).twice() + Box<std::string>(s).same(); }
int __attribute__((noipa)) d(int n) { return inlined(n) + Box<int>(n).same(); }
int __attribute__((noipa)) e(int n) { return inlined(n) - 1; }
int __attribute__((noipa)) quiet(int n) { return Box<int>(n).same() + counter(); }

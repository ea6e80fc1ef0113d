/* An inline function of a header, which other modules may have a copy of, and one that is the library's own. */
template<class T> __attribute__((noinline)) T step(T a) { return a + 1; }

__attribute__((visibility("hidden"), noinline)) inline int own(int a) { return a * 1; }

int lib(int a) { return step(a) + own(a); }

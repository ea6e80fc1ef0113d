/* What was the library's own is for others, too: by its visibility, by the linker's script, under another name. */
__attribute__((noinline)) int helper(int a) { return a + 1; }
__attribute__((noinline)) int part(int a) { return a + 1; }
__attribute__((noinline)) int lib(int a) { return helper(a) + part(a) + 2; }
int other(int a) __attribute__((alias("lib")));

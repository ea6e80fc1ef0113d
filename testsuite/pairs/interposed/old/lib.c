/* The program has a helper() of its own: the library calls that, before and after. guarded() can't be had so. */
int helper(int i) { return i + 1; }
int unlisted(int i) { return i + 5; }
__attribute__((visibility("protected"))) int guarded(int i) { return i + 7; }
__attribute__((visibility("protected"))) int (*guarded_address(void))(int) { return guarded; }

int get(int i) { return helper(i) * 2 + unlisted(i) + guarded(i); }

/* The program has a helper() of its own: the library calls that, before and after. guarded() can't be had so. */
int helper(int i) { return i + 10; }
int unlisted(int i) { return i + 50; }
__attribute__((visibility("protected"))) int guarded(int i) { return i + 70; }
__attribute__((visibility("protected"))) int (*guarded_address(void))(int) { return guarded; }

int get(int i) { return helper(i) * 3 + unlisted(i) + guarded(i); }

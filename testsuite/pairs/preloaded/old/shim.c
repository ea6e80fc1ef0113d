/* In the place of the library's own, and of two of the C library's. */
int side(int n) { return 100 * n; }
int height(int n) { return 1000 * n; }
int getpagesize(void) { return 7; }
int getdtablesize(void) { return 8; }

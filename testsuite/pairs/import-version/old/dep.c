int val_first(int i) { return i + 1; }
int val_second(int i) { return i + 2; }
int other(void) { return 0; }

__asm__(".symver val_first,val@V1");
__asm__(".symver val_second,val@@V2");

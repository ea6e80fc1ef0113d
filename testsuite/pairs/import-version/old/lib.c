/* A new import is bound in the version that NEW asks for. */
int other(void);
int val(int i);
__asm__(".symver val,val@V1");

int get(int i) { return i + other(); }

extern int level;
void set(int n);

extern int lib_level;                   /* the program has a COPY relocation for it */
int lib_scale(int n);
int lib_hits(void);
int lib_log(const char *text);

struct command { const char *name; int (*run)(int); };

/* Known to all files, written by none. */
extern struct command commands[];
extern int ncommands, limit;

/* One of the files writes. */
extern int level;

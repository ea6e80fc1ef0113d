struct pool { int size; };
struct pool *pool_make(void);
int pool_size(const struct pool *p);

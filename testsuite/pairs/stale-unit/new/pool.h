struct pool { int size, used; };
struct pool *pool_make(void);
int pool_size(const struct pool *p);

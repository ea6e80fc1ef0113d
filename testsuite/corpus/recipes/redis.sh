elfs='src/redis-server src/redis-cli'
configure() { :; }
build() { make -C src -j"$J" MALLOC=libc OPTIMIZATION= WARNINGS=-w REDIS_CFLAGS="$CFLAGS" REDIS_LDFLAGS="$LDFLAGS" CFLAGS= LDFLAGS= redis-server redis-cli; }

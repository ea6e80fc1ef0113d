apt='libevent-dev'
elfs='memcached'
configure() { autoreconf -fi; ./configure; }
build() { make -j"$J" memcached; }

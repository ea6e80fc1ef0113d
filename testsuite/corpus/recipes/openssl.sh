elfs='libcrypto.so.3 libssl.so.3 apps/openssl'
configure() { ./Configure linux-x86_64 shared no-tests no-legacy no-module; }
build() { make -j"$J" build_generated; make -j"$J" libcrypto.so.3 libssl.so.3 apps/openssl; }

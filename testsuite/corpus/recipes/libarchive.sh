apt='zlib1g-dev libbz2-dev liblzma-dev'
elfs='.libs/libarchive.so.13.*.*'
configure() { autoreconf -fi; ./configure --disable-static --without-xml2 --without-expat; }
build() { make -j"$J" libarchive.la; }

elfs='.libs/libxml2.so.2.*.* .libs/xmllint'
configure() { autoreconf -fi; ./configure --disable-static --without-python --without-icu; }
build() { make -j"$J" libxml2.la xmllint; }

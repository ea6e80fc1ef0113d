#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What make install puts where, and that a compiler which is told nothing else finds it.
. "${0%/*}/lib.sh"
need_tool pkg-config

plugins=$($CC -print-file-name=plugin)
multiarch=$($CC -print-multiarch)
install_to() { make -s -C "$top" install "$@"; }
source=$top/testsuite/pairs/constant/old.c
has_room() { readelf -SW "$1" | grep -q hp_arena && readelf -SW "$1" | grep -q '\.rela\.text' && build_id "$1" | grep -q .; }

# A prefix of one's own
ok 'install with a prefix of our own' install_to PREFIX="$T/own"
for f in bin/hp-diff lib/hotpatch/hotpatch.so lib/hotpatch/hotpatch.specs lib/libhotpatch.a lib/pkgconfig/hotpatch.pc include/hotpatch.h \
	share/man/man1/hp-diff.1 share/man/man5/hotpatch-store.5 share/doc/hotpatch/COPYING.MIT; do
	ok "$f is there" test -r "own/$f"
done
export PKG_CONFIG_PATH=$T/own/lib/pkgconfig
flags="$(pkg-config --cflags hotpatch) $(pkg-config --libs hotpatch)"
ok 'compile and link with the flags of pkg-config' $CC -O2 $flags "$source" -o by-pkg-config
ok 'it has all that hp-diff needs' has_room by-pkg-config
ok 'compile and link with the specs file' $CC -O2 -specs="$T/own/lib/hotpatch/hotpatch.specs" "$source" -o by-specs
ok 'it has all that hp-diff needs' has_room by-specs
ok 'link with it and -x, which drops local symbols' $CC -O2 -Wl,-x -specs="$T/own/lib/hotpatch/hotpatch.specs" "$source" -o by-specs-x
like "$(readelf -sW by-specs-x)" 'FILE +LOCAL .* old\.c' 'it has them all the same'
ok 'link a static program with it' $CC -O2 -static -no-pie -specs="$T/own/lib/hotpatch/hotpatch.specs" "$source" -o by-specs-static
like "$(readelf -lW by-specs-static)" GNU_EH_FRAME 'exceptions can pass through what a patch brings'
ok 'compile with it and -flto' $CC -O2 -flto -specs="$T/own/lib/hotpatch/hotpatch.specs" "$source" -o by-specs-lto
ok 'it has all that hp-diff needs' has_room by-specs-lto
ok 'a partial link takes the specs file too' $CC -O2 -r -specs="$T/own/lib/hotpatch/hotpatch.specs" "$source" -o part.o
is "$(own/bin/hp-diff --version)" "$("$hp_diff" --version)" 'the installed hp-diff runs'
ok 'uninstall' make -s -C "$top" uninstall PREFIX="$T/own"
is "$(find own ! -type d)" '' 'nothing is left'

# For a package
ok 'install with DESTDIR' install_to DESTDIR="$T/dest" PREFIX=/usr
for f in "$plugins/hotpatch.so" "/usr/lib/$multiarch/hotpatch.so"; do
	is "$(readlink "dest$f")" /usr/lib/hotpatch/hotpatch.so "$f leads to the plugin"
done
is "$(echo $(PKG_CONFIG_PATH=dest/usr/lib/pkgconfig pkg-config --cflags hotpatch))" -fplugin=hotpatch 'pkg-config --cflags'
is "$(echo $(PKG_CONFIG_PATH=dest/usr/lib/pkgconfig pkg-config --libs hotpatch))" \
	'-fplugin=hotpatch -Wl,--emit-relocs -Wl,--build-id -Wl,--eh-frame-hdr' 'pkg-config --libs'

# For real; not where it is in use already
if [ "$(id -u)" != 0 ]; then
	skip 'a real installation' 'needs root'
elif [ -e "$plugins/hotpatch.so" ]; then
	skip 'a real installation' 'hotpatch is installed already'
else
	ok 'a real installation' install_to
	unset PKG_CONFIG_PATH
	for plugin in hotpatch hotpatch.so; do
		ok "-fplugin=$plugin" $CC -O2 "-fplugin=$plugin" -Wl,--emit-relocs -Wl,--build-id "$source" -o by-name
		ok 'it has all that hp-diff needs' has_room by-name
	done
	ok '-specs=hotpatch.specs' $CC -O2 -specs=hotpatch.specs "$source" -o by-specs
	ok 'it has all that hp-diff needs' has_room by-specs
	is "$(echo $(pkg-config --cflags hotpatch))" -fplugin=hotpatch 'pkg-config finds it'
	ok 'uninstall' make -s -C "$top" uninstall
	is "$(ls "$plugins/hotpatch.so" "/usr/lib/$multiarch/hotpatch.so" /usr/local/lib/hotpatch 2>/dev/null)" '' 'nothing is left'
fi
done_testing

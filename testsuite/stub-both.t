#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# libhotpatch.a for modules without the plugin; together with the plugin a module still has everything once.
. "${0%/*}/stub.sh"

{ stub_source; stub_main; } >prog.c
echo 'int more(void) { return 3; }' >more.c
notes() { readelf -nW "$1" | grep -c HOTPATCH; }
once() {        # NAME FLAGS...
	is "$(notes prog)" 1 "$1: one note"
	stub_patch prog data
	run_patched HOTPATCH_DEBUG=1 ./prog
	is "$out" "$new_lines" "$1: new code"
	is "$err" "hotpatch: ./prog: applied '$patch' (made by hand)" "$1: applied once"
}

$CC -O2 -o prog prog.c -Wl,--build-id -Wl,-u,__hp_stub -L"$build" -lhotpatch && once 'libhotpatch alone'
hp_cc -o prog prog.c && once 'plugin alone'
hp_cc -o prog prog.c more.c -Wl,-u,__hp_stub -L"$build" -lhotpatch && once 'plugin and libhotpatch'
hp_cc -c more.c && $CC -O2 -o prog prog.c more.o -Wl,--build-id && once 'one of two units with the plugin'
hp_cc -fPIC -c more.c && hp_cc -o prog prog.c more.o && once 'units for an executable and for a library'
hp_cc -fPIC -c more.c && hp_cc -o prog more.o prog.c && once 'the same, in the other order'
done_testing

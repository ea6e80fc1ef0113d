#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Several units make one module: one stub, note and registry, an arena that grows with them, kept by --gc-sections.
. "${0%/*}/lib.sh"

write a.c <<<'int f(int); int main(int argc, char **argv) { (void)argv; return f(argc) - 1; }'
write b.c <<<'int f(int a) { return a; }'
write c.c <<<''

symbols() { nm "$1" | grep -Ec ' __hp_(stub|registry)$'; }
notes() { readelf -nW "$1" | grep -c HOTPATCH; }
section() { readelf -SW "$1" | sed -n "s/.* $2 *[A-Z_]* *\([0-9a-f]*\) [0-9a-f]* \([0-9a-f]*\) .*/\\$3/p"; }
size_of() { echo $((0x$(section "$1" "$2" 2))); }
has() { readelf -SW "$1" | grep -Eoc " \.($2)(\.0+)? "; }

for flags in '' '-no-pie -fno-pie' -static '-static-pie -fPIE' -Wl,--gc-sections -flto; do
	# shellcheck disable=SC2086
	ok "links: $flags" hp_cc $flags a.c b.c c.c -o prog
	ok "runs: $flags" ./prog
	is "$(symbols prog) $(notes prog)" '2 1' "one stub, registry and note: $flags"
	is "$(size_of prog hp_arena)" 65536 "arena: $flags"
	is "$((0x$(section prog hp_reserve 1) % 4096))" 0 "reserve begins with a page: $flags"
done
ok 'without LTO' hp_cc a.c b.c -o prog
is "$(has prog preinit_array)" 1 'an executable starts the stub before its libraries'

ok 'library' hp_cc -fPIC -shared b.c c.c -o libb.so
is "$(symbols libb.so) $(notes libb.so) $(has libb.so preinit_array)" '2 1 0' 'a library has its own, in .init_array'
ok 'program with library' hp_cc a.c -L. -lb -Wl,-rpath,. -o prog
ok 'both stubs run' ./prog

ok 'arena option' hp_cc -fplugin-arg-hotpatch-arena=1M a.c b.c -o prog
is "$(size_of prog hp_arena)" 1048576 'arena of 1M'
is "$(size_of prog hp_reserve)" 2097152 'and as much for variables'
tls_of() { readelf -sW "$1" | awk '$4 == "TLS" { print $3 }'; }
is "$(tls_of prog) $(tls_of libb.so)" '256 64' 'each thread has room for variables'
like "$(readelf -rW libb.so)" DTPMOD64 "a library's code finds it"
ok 'tls option' hp_cc -fplugin-arg-hotpatch-tls=1K a.c b.c -o prog
is "$(tls_of prog)" 1024 'a thread has 1K'
ok 'no room' hp_cc -fPIC -shared -fplugin-arg-hotpatch-tls=0 b.c c.c -o libb.so
unlike "$(readelf -lrsW libb.so)" 'TLS|DTPMOD64|__tls_get_addr' 'then there is none'
ok 'store option' hp_cc -fplugin-arg-hotpatch-store=/some/where a.c b.c -o prog
like "$(strings prog)" '/some/where' 'the stub knows its store'

perl -e 'print "int x; ", map { "void f$_(int a) { x += a * $_; x ^= a + x / ($_ + 1); x -= $_ % (a | 1); }\n" } 1 .. 900' >big.c
ok 'a big unit' hp_cc a.c b.c big.c -o prog
ok 'gives a share of arena' test "$(size_of prog hp_arena)" -gt 69632
is "$(($(size_of prog hp_arena) % 512))" 0 'in whole chunks'
done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A changed layout is told with struct and field; --accept lets one through, and the hotpatch says so.
. "${0%/*}/lib.sh"

# sides FIELDS-OF-OLD FIELDS-OF-NEW [FLAG...]: a program with one object on the heap.
sides() {
	local old=$1 new=$2 side
	shift 2
	rm -rf case && mkdir case
	for side in old new; do
		cat >case/$side.c <<-END
			#include <stdlib.h>
			struct id { int high, low; };
			typedef struct { ${!side} } thing;
			static thing *things;
			__attribute__((noipa)) static int last(const thing *t) { return ((const char *)(t + 1))[-1] + '${side:0:1}'; }
			int main(void) { things = calloc(1, sizeof *things); return last(things) == '${side:0:1}' ? 0 : 1; }
		END
	done
	ok "both build: $new" build_pair case "$@"
}

# told FIELDS-OF-OLD FIELDS-OF-NEW TEXT
told() {
	sides "$1" "$2"
	run "$hp_diff" --dry-run old/prog new/prog
	like "$out" "refused     thing: [a-z ,;]*: $3 \\[layout\\]" "told: $3"
}

told 'int a;' 'int a, b;' "8 bytes, was 4; new field 'b' at 4"
told 'char a; int b;' 'char a, c; int b;' "new field 'c' at 1"
told 'int a, b;' 'int b, a;' "field 'a' moved from 0 to 4; field 'b' moved from 4 to 0"
told 'char a[8]; long b;' 'char a[4]; long b;' "field 'a' has 4 bytes, was 8 bytes"
told 'unsigned a : 3, b : 5;' 'unsigned a : 4, b : 4;' "field 'a' has 4 bits, was 3 bits; field 'b' moved from 0.3 to 0.4"
told 'long a;' 'double a;' "field 'a' is of another kind"
told 'struct { int x, y; } a;' 'struct { int y, x; } a;' "field 'a.x' moved from 0 to 4; field 'a.y' moved from 4 to 0"
told 'union { int x; };' 'union { int x; long y; };' "8 bytes, was 4; new field 'y' at 0"
told 'char a, b, c, d, e, f;' 'char f, e, d, c, b, a;' ".*; field 'd' moved from 3 to 2; and more"

told 'struct id a; int b;' 'struct id a; unsigned c;' "field 'b' is now 'c'"
sides 'struct id a; int b;' 'struct id a; unsigned b;'
run "$hp_diff" --dry-run old/prog new/prog
unlike "$out" layout 'another sign is no other layout'
sides 'int a;' 'int a, b;' -flto
run "$hp_diff" --dry-run old/prog new/prog
like "$out" '\[layout\]' 'layouts survive LTO'

sides 'int a;' 'int a, b;'
status_is 0 'accepted' "$hp_diff" --accept=layout:thing --accept=layout:other old/prog new/prog -o .
like "$out" 'accepted    thing: .*\[layout\]' 'the report says what was accepted'
like "$out" 'warning     other: .*\[accept\]' 'warning accept: nothing of that name'
like "$(readelf -p .hp.accepted prog.hp.o)" "layout:thing: 8 bytes, was 4" 'the hotpatch says what was accepted'
status_is 2 'what makes the patch wrong cannot be accepted' "$hp_diff" --accept=unknown-reference:last old/prog new/prog
like "$err" 'unknown-reference:last names no cause that can be accepted' 'and the message says so'
status_is 2 'an --accept without a name' "$hp_diff" --accept=layout old/prog new/prog

# A library's variable may live in the program, so nothing is left to do when its change is accepted.
echo 'int limit = 10; int step(void) { return limit++; }' >old.c
sed 's/10/20/' old.c >new.c
for side in old new; do
	ok "the library of $side builds" hp_cc -fPIC -shared -Wl,--emit-relocs -Wl,--build-id $side.c -o $side.so
done
status_is 3 'all that differs is accepted' "$hp_diff" --accept=data-value:limit --dry-run old.so new.so
like "$out" 'accepted    limit:.*nothing to patch: what differs was accepted' 'and the report says so'
done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A patch that outgrows the arena: mapped over the reserve at startup, a load segment of its own in the coldpatch.
. "${0%/*}/emit.sh"

# Every third function throws and catches, in new code; with a small arena there are far more functions than spare slots.
big_source() {
	local side=$1 i
	printf '#include <cstdio>\n#include <stdexcept>\nint total;\n'
	for ((i = 0; i < 150; i++)); do
		echo "__attribute__((noinline)) int f$i(int x) { total = total * 7 + x * $(($i + ${#side})); "
		((i % 3)) || echo "try { if (x == $i) throw std::runtime_error(\"f$i $side\"); } catch (std::exception &e) { std::puts(e.what()); }"
		echo "return x ^ total; }"
	done
	echo 'int main(int argc, char **) { int sum = 0;'
	for ((i = 0; i < 150; i++)); do echo "sum += f$i(argc + $i - 1);"; done
	echo 'std::printf("%d %d\n", sum, total); return 0; }'
}

both() {
	local side
	for side in old new2; do
		mkdir -p src "$side"
		big_source $side >src/main.cc
		(cd src && hp_cxx -fplugin-arg-hotpatch-arena=4096 "$@" main.cc -o "../$side/prog") || exit
	done
}

# section FILE NAME: its address and its place in the file, in decimal.
section() { echo $((0x$(_column "$1" "$2" 4))) $((0x$(_column "$1" "$2" 5))); }
_column() { readelf -SW "$1" | sed 's/\[ */[/' | awk -v n="$2" -v c="$3" '$2 == n { print $c }'; }
symbol() { echo $((0x$(nm "$1" | awk -v n="$2" '$3 == n { print $1 }'))); }

# What moved for the longer table of program headers is told where it is now: a note by its symbol, and by the note of
# hotpatch where the arena is.
places_right() {
	local file=$1 what=$2 addr at distance
	read -r addr at < <(section "$file" .note.hotpatch)
	distance=$(od -An -td4 -j$((at + 28)) -N4 "$file")
	is $((addr + 24 + distance)) "$(symbol "$file" __start_hp_arena)" "$what: the note leads to the arena"
	if [ -n "$(_column "$file" .note.ABI-tag 4)" ]; then
		is "$(symbol "$file" __abi_tag)" "$(section "$file" .note.ABI-tag | cut -d' ' -f1)" "$what: __abi_tag is the note"
	fi
}

walk() {
	local what=${*:-PIE} more=1 want
	[[ " $* " != *' -static '* ]] || more=2         # a static C library has variables behind the reserve
	rm -rf out store
	both "$@"
	mkdir out
	run "$hp_diff" old/prog new2/prog -o out
	is "$status" 0 "$what: hp-diff writes"
	[ "$status" = 0 ] || { diag "$(grep -E '^(refused|what)' <<<"$out")$err"; return; }
	want=$(./new2/prog)
	isnt "$(./old/prog)" "$want" "$what: OLD is another program"
	is "$(readelf -lW out/prog | grep -c LOAD)" $(($(readelf -lW old/prog | grep -c LOAD) + more)) "$what: more load segments"
	is "$(./out/prog 2>&1)" "$want" "$what: cold, it runs as NEW"
	store store out/prog.hp.o old/prog
	run HOTPATCH_STORE="$PWD/store" ./old/prog
	is "$out$err" "$want" "$what: mapped at startup, it runs as NEW"
	run HOTPATCH_STORE="$PWD/store" ./out/prog
	is "$out$err" "$want" "$what: cold with a store, it runs as NEW"
	run readelf -aW out/prog
	is "$err" '' "$what: readelf has no warning"
	places_right out/prog "$what"
	cp out/prog copy && strip copy
	is "$(./copy 2>&1)" "$want" "$what: stripped, it runs as NEW"
	cp old/prog shipped && strip shipped
	run "$hp_diff" old/prog new2/prog -o out --cold-base=shipped
	is "$status$(./out/prog 2>&1)" "0$want" "$what: a stripped base runs as NEW"
}

walk
walk -fno-pie -no-pie
walk -static -Wl,--eh-frame-hdr

# In a library the note of hotpatch stands nearer to the table, and moves.
library() {
	local side
	for side in old new2; do
		big_source $side | sed 's/int main(int argc, char \*\*)/int run(int argc)/' >src/main.cc
		(cd src && hp_cxx -fplugin-arg-hotpatch-arena=4096 -shared -fPIC main.cc -o "../$side/libbig.so") || return
	done
	"$hp_diff" old/libbig.so new2/libbig.so -o out
}
rm -rf out && mkdir out
ok 'a library: hp-diff writes' library
isnt "$(section out/libbig.so .note.hotpatch)" "$(section old/libbig.so .note.hotpatch)" 'a library: the note of hotpatch moved'
places_right out/libbig.so 'a library'
done_testing

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
	cp out/prog copy && strip copy
	is "$(./copy 2>&1)" "$want" "$what: stripped, it runs as NEW"
	cp old/prog shipped && strip shipped
	run "$hp_diff" old/prog new2/prog -o out --cold-base=shipped
	is "$status$(./out/prog 2>&1)" "0$want" "$what: a stripped base runs as NEW"
}

walk
walk -fno-pie -no-pie
walk -static -Wl,--eh-frame-hdr
done_testing

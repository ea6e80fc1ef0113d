#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# More functions than unwind slots: neighbours share an entry, and exceptions pass through each of them as before.
. "${0%/*}/emit.sh"

# walk NAME ARENA MAPPED [FLAG...]
walk() {
	local what=$1 arena=$2 mapped=$3 v
	shift 3
	rm -rf out store
	mkdir -p src old new out
	cp "$top/testsuite/ctl/through.cc" src/
	for v in 1 2; do
		(cd src && hp_cxx -DV=$v "-fplugin-arg-hotpatch-arena=$arena" "$@" through.cc -o ../$([ $v = 1 ] && echo old || echo new)/prog)
	done
	ok "$what: hp-diff writes" "$hp_diff" old/prog new/prog -o out --json=json
	is "$(perl -MJSON::PP -e 'local $/; my $j = decode_json(<STDIN>); print 0 + $j->{arena}{mapped}' <json)" "$mapped" \
		"$what: it is where it should be"
	[ "$(readelf --debug-dump=frames out/prog.hp.o | grep -c 'FDE cie')" -lt 100 ]
	is $? 0 "$what: there are fewer entries than functions"
	is "$(./old/prog 3)" '1 1' "$what: OLD"
	run ./out/prog 3
	is "$out$err" '2 2' "$what: cold"
	store store out/prog.hp.o old/prog
	run HOTPATCH_STORE="$PWD/store" ./old/prog 3
	is "$out$err" '2 2' "$what: at startup"
}

walk 'in the arena' 16384 0
walk 'mapped' 4096 1
walk 'static' 16384 0 -static -Wl,--eh-frame-hdr
done_testing

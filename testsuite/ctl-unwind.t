#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Threads throw while hp-ctl changes the unwind table under their eyes, where its pairs are aligned quadwords and where they
# are not; with patches in the arena, and with ones that outgrew it, for which most of the table moves.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

cp "$top/testsuite/ctl/thrower.cc" .
# Words in .rodata, in front of .eh_frame_hdr, until that stands as wanted.
write pad.c <<'END'
extern const int pad[PAD];
const int pad[PAD] = { 1 };
END
# side DIR V LARGE PAD
side() {
	mkdir -p "$1"
	hp_cc -DPAD="$4" -c pad.c -o pad.o &&
		hp_cxx -DV="$2" -DVERSIONS=2 -DLARGE="$3" -fplugin-arg-hotpatch-arena=12288 -pthread thrower.cc pad.o -o "$1/prog"
}
# Where the table stands, modulo 8; its pairs are 12 bytes further on.
stands() { echo $((0x$(readelf -SW "$1" | sed -n 's/.* \.eh_frame_hdr *PROGBITS *\([0-9a-f]*\).*/\1/p') % 8)); }

# walk WHAT LARGE: there and back while two threads throw, at both places
walk() {
	local pad at seen=''
	for pad in 1 2; do
		mkdir -p "$1$pad/hp"
		ok "$1, $pad: the builds" side "$1$pad/1" 1 "$2" $pad
		ok "$1, $pad: the fix" side "$1$pad/2" 2 "$2" $pad
		ok "$1, $pad: the patch" "$hp_diff" -o "$1$pad/hp" --json="$1$pad/json" "$1$pad/1/prog" "$1$pad/2/prog"
		at=$(stands "$1$pad/1/prog") seen+=" $at"
		start "$1$pad/1/prog" >log
		pid=$started
		ok "$1, at $at: it runs" says '1 1'
		for round in 1 2 3 4 5; do
			"$hp_ctl" apply "$1$pad/hp/prog.hp.o" --pid "$pid" --timeout 40 --consistency=function && says '2 2' &&
				"$hp_ctl" revert --pid "$pid" --timeout 40 --consistency=function && says '1 1' || echo "round $round"
		done >rounds 2>&1
		is "$(grep -E '^round|stays' rounds)" '' "$1, at $at: there and back"
		unlike "$(cat log)" WRONG "$1, at $at: every exception arrived"
		ok "$1, at $at: it lives" alive "$pid"
		stop "$pid"
	done
	is "$(tr ' ' '\n' <<<"$seen" | grep . | sort | xargs)" '0 4' "$1: both places"
}
walk arena 9
walk mapped 2
is "$(out=$(cat mapped1/json) && field arena.mapped)" 1 'and the large one outgrew the arena'
done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Damaged patches: cut at many lengths, one byte flipped everywhere that matters, random files. Never a crash, never new
# code from a damaged patch, always one line.
. "${0%/*}/stub.sh"

stub_program prog || exit
stub_patch prog data
cp "$patch" good
size=$(stat -c %s good)
section=$((16#$(readelf -SW good | sed -n 's/.* \.hp\.patch *PROGBITS *[0-9a-f]* \([0-9a-f]*\) .*/\1/p')))
length=$((16#$(readelf -SW good | sed -n 's/.* \.hp\.patch *PROGBITS *[0-9a-f]* [0-9a-f]* \([0-9a-f]*\) .*/\1/p')))

# try WHAT: 1 unless the program starts unpatched with one line.
try() {
	local out
	out=$(HOTPATCH_STORE=$PWD/store ./prog 2>&1)
	[[ $out == "hotpatch: ./prog: cannot apply '$patch': "* && ${out#*$'\n'} == "$old_lines" ]] ||
		[[ $out == "$old_lines"$'\n'"hotpatch: ./prog: cannot apply '$patch': "* && $(wc -l <<<"$out") = 3 ]] || {
		diag "$1: $out"
		return 1
	}
}

flip() {        # OFFSET: of good, into the store
	perl -e 'local $/; open F, "<", "good"; $_ = <F>; substr ($_, $ARGV[0], 1) ^= "\x20"; print' "$1" >"$patch"
}

cuts() { local n; for n in 0 1 63 64 100 $section $((section + 100)) $((section + length - 1)) $((size - 200)) $((size - 1)); do
	head -c "$n" good >"$patch"; try "cut to $n" || return; done; }
ok 'cut' cuts

flips() { local at; for ((at = section; at < section + length; at += 13)); do flip $at; try "flipped at $at" || return; done; }
ok 'one bit flipped in the section' flips

for kind in zeros noise text; do
	case $kind in
	zeros) head -c 5000 /dev/zero ;;
	noise) perl -e 'srand 1; print map { chr rand 256 } 1 .. 5000' ;;
	text)  echo 'not a patch' ;;
	esac >"$patch"
	ok "$kind" try "$kind"
done
cp prog "$patch" && chmod 644 "$patch"
refused "no section '.hp.patch'" 'an ELF file that is no patch' ./prog
stub_patch prog mapped segment
refused 'damaged: wrong checksum' 'a mapped segment flipped' ./prog
head -c -1 "$patch" >cut && cp cut "$patch"
refused 'damaged: truncated' 'a mapped segment cut' ./prog
done_testing

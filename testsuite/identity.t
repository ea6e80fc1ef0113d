#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every pair's OLD against itself, built again with comments and blank lines put into its sources and headers, also behind
# #include lines and inside functions: no difference, although each __LINE__ moved, but where the pair says lines-count.
# ALL=1 (make check-fuzz): in all builds that the pairs know. NAME...: of those pairs only.
. "${0%/*}/lib.sh"

# A line of its own is free before a line that begins a declaration, a statement or a directive, unless the line before
# goes on (backslash, comma, operator) or a comment or raw text is open.
move_lines() {
	perl -i -pe '
		BEGIN { $open = 0; $before = ";" }
		if (!$open && $before =~ /[;{}>]\s*$|^\s*$/ && /^\s*(\w|\/\/|#include)/ && !/^\s*(else|while)\b/) {
			$_ = ($. % 3 ? "\n" : "/* moved */\n\n// twice\n") . $_;
		}
		$text = $_;
		$open = 1 if $text =~ /\/\*(?!.*\*\/)|R"|__asm__|asm\s*\(|\\$/;
		$open = 0 if $text =~ /\*\/|\);\s*$/;
		chomp($before = $text);
	' "$@"
}

# twice PAIR [FLAG...]: old/ and new/ are two builds of the pair's OLD
twice() {
	local pair=$1 side
	shift
	rm -rf from src old new
	mkdir -p from/old from/new
	if [ -d "$pair/old" ]; then cp "$pair"/old/* from/old; else cp "$pair"/old.c* from/old/; fi
	for side in from/old/old.c*; do [ ! -f "$side" ] || mv "$side" "${side/old.c/main.c}"; done
	cp from/old/* from/new
	move_lines from/new/*.[ch]*
	for side in flags build; do [ ! -f "$pair/$side" ] || cp "$pair/$side" from; done
	build_pair "$PWD/from" "$@"
}

same() {
	local pair=$1 target
	shift
	target=$(sed -n 's/^target //p' "$pair/expect")
	run twice "$pair" "$@"
	if diff -rq from/old from/new >/dev/null; then fail "$(basename "$pair"): its lines moved"; return; fi
	[ "$status" = 0 ] || { fail "$(basename "$pair") $*: both build" "$err"; return; }
	status_is $(grep -q '^lines-count' "$pair/expect" && echo 0 || echo 3) "$(basename "$pair") $*" "$hp_diff" "old/${target:-prog}" "new/${target:-prog}" -o out
}

# Sets of options, one a line, for a pair: its own, and the levels.
builds() {
	echo
	[ -n "${ALL-}" ] || return
	{ cat "$1/variants"; printf '%s\n' -O0 -O1 -O3 -Os -flto '-flto -O3' -fcf-protection; } 2>/dev/null | sed 's/^~ *//' | sort -u
}

wait_object || exit
[ $# != 0 ] || set -- $(ls "$top/testsuite/pairs")
for name; do
	pair=$top/testsuite/pairs/$name
	[ -f "$pair/expect" ] || continue
	while read -r flags; do same "$pair" $flags; done < <(builds "$pair")
done
for name in constant lines several-files comdat exceptions; do
	if [ -z "${ALL-}" ] && [[ " $* " = *" $name "* ]]; then same "$top/testsuite/pairs/$name" -flto; fi
done
done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The manuals say what the programs say; every cause of refusal has a pair that provokes it.
. "${0%/*}/lib.sh"
need_tool mandoc perl

for page in "$top"/*/*.[13578]; do
	ok "${page#"$top"/} is clean" mandoc -W warning "$page"
done

# The options in the synopsis of a manual, as words: -o DIR, --json=FILE, --explain[=FUNCTION], ...
synopsis() {
	mandoc -T ascii "$1" | col -b | sed -n '/^SYNOPSIS/,/^DESCRIPTION/p' | tr '\n' ' ' |
		grep -oE -- '[[ ]--?[a-z][a-z-]*(=[A-Z:]+|\[=[A-Z]+\]| [A-Z]+)?' | cut -c2- | sort
}

run "$hp_diff" --help
is "$(synopsis "$top/postlink/hp-diff.1")" \
	"$(grep -oE -- '^ +--?[a-z].*  ' <<<"$out" | sed 's/, /\n/' | sed 's/^ *//; s/ *$//' | grep . | sort)" \
	'the synopsis of hp-diff.1 is that of --help'
is "$(sed -n 's/^hotpatch \([0-9.]*\).*/hp-diff (hotpatch) \1/p;q' "$top/NEWS")" "$("$hp_diff" --version)" 'NEWS starts with the version'
ok 'the manuals list the causes of the programs' "$top/testsuite/manual-causes"

# What a pair, or a test of bad input, claims to provoke.
provoked=$(sed -nE 's/^(refusal|warning) //p' "$top"/testsuite/pairs/*/expect
	cat "$top"/testsuite/*.t | grep -oE '\b(cause|warning) [a-z-]+' | sed -E 's/.* //')
for code in $(cat "$top"/postlink/{refuse,warn}.def | sed -nE 's/^HP_(CAUSE|WARNING) \([A-Z_]*, "([a-z-]*)".*/\2/p'); do
	if grep -qx -- "$code" <<<"$provoked"; then pass "cause '$code' is provoked"; else fail "cause '$code' is provoked"; fi
done
done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A few generated pairs of C and C++, the whole way; `make check-fuzz` does hundreds.
. "${0%/*}/lib.sh"
need_tool python3 csmith

few() {
	local n=$1
	shift
	status_is 0 "$*: no pair went wrong" "$top/testsuite/fuzz-pairs" -n "$n" --versions 2 -k "$T/kept" "$@"
	like "$out" "$n pairs, ([1-9][0-9]*) of them print different things: ([1-9][0-9]*) patched" \
		"$*: there are $n, and not all of them are equal or refused"
	patched=$((patched + ${BASH_REMATCH[2]:-0}))
}

LIMIT=600 patched=0
few 8 -l c -s 1
few 4 -l cxx -s 1
few 6 -l held -s 2003
like "$out" 'refused: 4 layout' 'objects that live on with another layout are refused'
ok 'most were patched' test "$patched" -ge 7
done_testing

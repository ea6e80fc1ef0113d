#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The demonstration does what its text says, in less than a minute.
. "${0%/*}/lib.sh"

LIMIT=60 status_is 0 'it ends well' "$top/testsuite/demo"
like "$out" 'admin-token=.*gave away' 'the old server leaks'
if [ "$(id -u)" = 0 ]; then
	said=$(sed -n 's/^  The client: .* \(leaks\|finds no leak\), .*/\1/p' <<<"$out" | paste -sd,)
	is "$said" 'leaks,finds no leak,leaks,finds no leak' 'one connection sees the leak, the patch, the leak again, the patch'
	like "$out" '[0-9]+ requests on one connection, 0 wrong answers' 'it is never disturbed'
	like "$out" 'The same process as before' 'others see the patch, too'
else
	skip 'the running server is patched' 'needs root'
fi
like "$out" 'patched before its first line' 'the hotpatch stops it'
like "$out" 'needs no store' 'the coldpatch stops it'
like "$out" 'beat|serve' 'hp-diff names the function'
is "$err" '' 'nothing on stderr'
done_testing

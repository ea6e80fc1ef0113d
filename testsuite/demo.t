#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The demonstration does what its text says, in less than a minute.
. "${0%/*}/lib.sh"

LIMIT=60 status_is 0 'it ends well' "$top/testsuite/demo"
like "$out" 'admin-token=.*gave away' 'the old server leaks'
like "$out" 'patched before its first line' 'the hotpatch stops it'
like "$out" 'needs no store' 'the coldpatch stops it'
like "$out" 'beat|serve' 'hp-diff names the function'
is "$err" '' 'nothing on stderr'
done_testing

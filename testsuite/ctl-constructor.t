#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A constructor that a fix brings runs once in the life of what it makes, however often the patch is applied.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

ok 'the target builds' ctl_pair constructor -std=c++17
ok 'it runs' launch constructor
for round in 1 2 3; do
	ok "apply $round" "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30
	ok 'new code has its object, which was made once' says '2 1'
	ok 'revert' "$hp_ctl" revert --pid "$pid" --timeout 2
	ok 'the old code' says '1 1'
done
unlike "$(cat log)" '0|2 [^1]' 'nobody has ever seen it otherwise'
kill -TERM "$pid"
wait "$started"
is "$?" 0 'the process ends well: the object is destroyed once'
done_testing

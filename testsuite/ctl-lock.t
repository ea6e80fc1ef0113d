#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A patch of one function that adds a lock is applied while nobody is inside, as if it had many functions.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

ok 'the target builds' ctl_pair lock
like "$out" 'warning     add: .*\[lock\]' 'hp-diff warns'
ok 'it runs' launch lock park
await 60 grep -q held log
status_is 1 'apply cannot while somebody is inside' "$hp_ctl" apply "$patch" --pid "$pid" --timeout 0.5 --json
is "$(field processes.0.cause)" busy 'the cause'
ok 'the old function goes on' says '1 1'
stop "$pid"
ok 'it runs without a guest' launch lock free
ok 'apply' "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30
ok 'the new function answers' says '2 2'
stop "$pid"
done_testing

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# HP_SET_VALUE and HP_KEEP_VALUE in a running process: set with the functions, given back with them.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

start_old() { start values/1/prog >log; pid=$started; says '1 10 20 30 old 40'; }

ok 'the target builds' ctl_pair values
ok 'it runs' start_old
for consistency in auto function; do
	ok "apply: $consistency" "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30 --consistency=$consistency
	ok 'the new function, and the new values but for the one to keep' says '2 20 20 60 new 80'
	ok 'apply once more' "$hp_ctl" apply "$patch" --pid "$pid"
	ok "revert: $consistency" "$hp_ctl" revert --pid "$pid" --timeout 30 --consistency=$consistency
	ok 'the old function, and what the variables held' says '1 10 20 30 old 40'
done
ok 'apply' "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30
ok 'the new values' says '2 20 20 60 new 80'
kill -USR1 "$pid"
ok 'the program changes one of them' says '2 20 20 60 new 99'
ok 'revert' "$hp_ctl" revert --pid "$pid" --timeout 30
ok 'what has changed since stays' says '1 10 20 30 old 99'
ok 'apply' "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30
ok 'the new values' says '2 20 20 60 new 80'
stop "$pid"

store store "$patch" values/1/prog
start env HOTPATCH_STORE="$PWD/store" values/1/prog >log
pid=$started
ok 'a fresh process starts with all new values' says '2 20 40 60 new 80'
ok 'revert' "$hp_ctl" revert --pid "$pid" --timeout 30
ok 'what was to be kept is kept' says '1 10 40 30 old 40'
stop "$pid"

ok 'a fix of values alone' ctl_pair values -DONLY_VALUES
ok 'it runs' start_old
ok 'apply' "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30
ok 'the values change' says '1 20 20 60 new 80'
ok 'check: nobody needs the patch' "$hp_ctl" check "$patch" --pid "$pid"
ok 'revert' "$hp_ctl" revert --pid "$pid" --timeout 30
ok 'they are back' says '1 10 20 30 old 40'
stop "$pid"

# Cut short at every step that writes values: the next run completes or undoes it.
cut() { LIMIT=40 run HP_CTL_DIE_AT="$1" "$hooked" "$2" "$patch" --pid "$pid" --timeout 20 "$3"; is "$signal" KILL "killed: $*"; }

ok 'an hp-ctl with hooks builds' ctl_hooks
ok 'the target builds' ctl_pair values
ok 'it runs' start_old
for how in quiescent function; do
	for step in values entry write:6 write:12; do
		[ $how$step != quiescententry ] || step=closed
		cut $step apply --consistency=$how
		ok 'the next run completes it' "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30
		ok 'the new values' says '2 20 20 60 new 80'
		cut ${step/active/unloaded} revert --consistency=$how
		ok 'the next run undoes it' "$hp_ctl" revert "$patch" --pid "$pid" --timeout 30
		ok 'the old values' says '1 10 20 30 old 40'
	done
done
stop "$pid"
done_testing

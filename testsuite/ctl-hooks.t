#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Hooks in a running process: they run once, may say no, wait for somebody who calls, and are undone.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

start_old() { start hooks/1/prog 4 >log; pid=$started; says '1 1 0 0'; }
ctl() { "$hp_ctl" "$@" --pid "$pid" --json; }
state() { run ctl status; field processes.0.modules.0.state; echo " $(field processes.0.modules.0.hooks)"; }

ok 'the target builds' ctl_pair hooks
ok 'it runs' start_old

for consistency in auto function; do
	n=$((${n:-0} + 1))
	ok "apply: $consistency" ctl apply "$patch" --timeout 30 --consistency=$consistency
	is "$(field processes.0.outcome)" patched 'it says so'
	ok 'the hooks have run, once' says "2 2 $n $((n - 1))"
	is "$(state)" 'patched ran' 'status tells that they have run'
	ok 'apply once more' ctl apply "$patch" --timeout 30
	is "$(field processes.0.outcome)" already 'nothing to do'
	echo 5 >stay
	status_is 1 'revert: a hook says no' ctl revert --timeout 30 --consistency=$consistency
	is "$(field processes.0.cause) $(field processes.0.detail)" "vetoed 'may_go' returned 5" 'it tells which'
	ok 'the new code goes on' says "2 2 $n $((n - 1))"
	rm stay
	ok 'revert' ctl revert --timeout 30 --consistency=$consistency
	ok 'the old code, and the hooks have undone' says "1 1 $n $n"
done

echo 3 >say
status_is 1 'apply: a hook says no' ctl apply "$patch" --timeout 30
is "$(field processes.0.cause) $(field processes.0.detail)" "vetoed 'convert' returned 3" 'it tells which, and what'
is "$(state)" 'unpatched ' 'the process is as it was'
ok 'the old code goes on' says '1 1 2 2'
echo 77 >say
status_is 1 'apply: a hook takes too long' ctl apply "$patch" --timeout 30
is "$(field processes.0.cause) $(field processes.0.detail)" 'vetoed they took too long' 'it tells so'
ok 'what it did is undone' says '1 1 2 3'
rm say

touch idle
ok 'nobody calls' says idle
ok 'apply' ctl apply "$patch" --timeout 30
like "$(field processes.0.note)" 'hooks pending' 'the hooks are pending'
is "$(state)" 'patched pending' 'status tells so'
ok 'revert' ctl revert --timeout 30
ok 'apply' ctl apply "$patch" --timeout 30
rm idle
ok 'somebody calls, and the hooks run' says '2 2 3 3'
touch idle
ok 'nobody calls' says idle
status_is 1 'revert finds nobody to run its hooks' ctl revert --timeout 1
is "$(field processes.0.cause)" hooks-waiting 'it tells so'
ok 'revert --force' ctl revert --force --timeout 30
rm idle
ok 'the old code, and no hook has undone anything' says '1 2 3 3'
unlike "$(sort -u log)" 'MIXED 2'  'the sides never mix'
stop "$pid"

echo 4 >say
store store "$patch" hooks/1/prog
run timeout 2 env HOTPATCH_STORE="$PWD/store" hooks/1/prog 4
like "$err" "hotpatch: prog: the patch 'CVE-2026-1' stays off: hook 'convert' returned 4" 'at startup, the line tells who said no'
unlike "$out" '2' 'and the old code runs'
start env HOTPATCH_STORE="$PWD/store" hooks/1/prog >log 2>err
pid=$started
ok 'it runs' says '1 1 0 0'
is "$(state)" 'vetoed vetoed' 'status tells so'
status_is 1 'check: the process needs the patch' ctl check "$patch"
rm say
ok 'apply tries again' ctl apply "$patch" --timeout 30
ok 'the new code' says '2 2 1 0'
ok 'check: nobody needs the patch' ctl check "$patch"
stop "$pid"

ok 'an hp-ctl with hooks builds' ctl_hooks
ok 'it runs' start_old
for step in entry closed active leaving after; do
	what=apply
	[[ $step != leaving && $step != after ]] || what=revert
	[ $what = apply ] || ok 'apply' ctl apply "$patch" --timeout 30
	HP_CTL_DIE_AT=$step timeout 40 "$hooked" $what "$patch" --pid "$pid" --timeout 20 >/dev/null 2>&1
	ok "apply after a kill at $step" ctl apply "$patch" --timeout 30
	ok 'the new code' await 10 grep -q '^2 2' <(tail -n 1 log)
	HP_CTL_DIE_AT=after-hooks timeout 40 "$hooked" revert "$patch" --pid "$pid" --timeout 20 >/dev/null 2>&1
	ok 'revert after a kill' ctl revert --timeout 30
	ok 'the old code' await 10 grep -q '^1 1' <(tail -n 1 log)
done
unlike "$(sort -u log)" MIXED 'the sides never mix'
done_testing

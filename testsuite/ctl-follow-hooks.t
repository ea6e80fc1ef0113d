#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One patch takes over from another, and they have hooks: those of both do not run again; those of the newer one run when
# all have gone over, and lead back to the earlier patch when one says no.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

cp "$top/testsuite/ctl/shapes.c" .
# side NAME FLAG...
side() { mkdir -p "$1" && hp_cc -I"$top/runtime" -pthread "${@:2}" shapes.c -o "$1/prog"; }
patch() { "$hp_diff" -o "hp-$1" --label "$1" ${2:+--after=hp-$2/prog.hp.o} old/prog "${1%%-*}/prog"; }
ok 'the builds' side old -DV=0
ok 'one without hooks' side plain -DV=1
ok 'one with hooks' side one -DV=1 -DCONVERT
ok 'the same hooks' side two -DV=2 -DCONVERT
ok 'and more' side more -DV=2 -DCONVERT -DMORE
ok 'other hooks' side other -DV=2 -DMORE
mkdir hp-{plain,one,two,more,more-two,more-plain,other}
ok 'patches' patch plain
ok 'one' patch one
ok 'two, after one' patch two one
ok 'more, after one' patch more one
ok 'more, after two' patch more-two two
ok 'more, after plain' patch more-plain plain
status_is 1 'other hooks' "$hp_diff" -o hp-other --json=json --after=hp-one/prog.hp.o old/prog other/prog      # cause after-hook
is "$(json json refusals | sort -u)" after-hook 'are refused'

begin() {
	rm -f say stay idle
	start old/prog "${1:-2}" >log
	pid=$started
	says '0 0 0 1 0 0 0' || return
	before=$(text_of "$pid")
}
ctl() { "$hp_ctl" "$1" ${2:+hp-$2/prog.hp.o} --pid "$pid" --json "${@:3}"; }
label() { run "$hp_ctl" status --pid "$pid" --json; echo "$(field processes.0.modules.0.state) $(field processes.0.modules.0.label)"; }
# shows PATTERN: waits until the last line is like that
last_like() { grep -vE 'MIXED|went' log | tail -n 1 | grep -qE "$1"; }
shows() { await 60 last_like "$1"; }
back() {
	ok "$1: revert" ctl revert '' --timeout 40
	ok "$1: old again" says "$2"
	is "$(text_of "$pid")" "$before" "$1: every byte is as it was"
}
never_old() {
	unlike "$(cat log)" 'went [12] to 0' "$1: never OLD in between"
	unlike "$(cat log)" MIXED "$1: code of a version sees data of its shape"
}

for consistency in auto function; do
	name="the same hooks, $consistency"
	ok "$name: it runs" begin
	ok "$name: one" ctl apply one --timeout 40
	ok "$name: its hooks ran" says '1 1 0 2 0 1 0'
	ok "$name: two" ctl apply two --timeout 40 --consistency=$consistency
	is "$(field processes.0.note)" "it took over from 'one'" "$name: from whom"
	ok "$name: no hook has run again" says '2 0 2 2 0 1 0'
	is "$(label)" 'patched two' "$name: status"
	[ $consistency = function ] || never_old "$name"
	echo 5 >stay
	status_is 1 "$name: a hook of the newer patch says no to revert" ctl revert '' --timeout 40
	is "$(field processes.0.cause)" vetoed "$name: it tells so"
	rm stay
	back "$name" '0 0 0 1 0 1 1'
	stop "$pid"
done

for chain in 'one more' 'one two more-two' 'plain more-plain'; do
	name="more hooks, $chain"
	first=${chain%% *} last=${chain##* }
	ok "$name: it runs" begin
	for p in $chain; do
		ok "$name: $p" ctl apply "$p" --timeout 40
	done
	ok "$name: each hook ran once" says '2 0 2 2 1 11 0'
	is "$(label)" "patched $last" "$name: status"
	never_old "$name"
	run ctl apply "$last"
	is "$(field processes.0.outcome)" already "$name: it has it already"
	back "$name" '0 0 0 1 0 11 11'
	stop "$pid"
done

for first in one plain; do
	name="a veto, $first"
	last=more
	[ $first = one ] || last=more-plain
	case $first in one) state='1 1 0 2 0 1 0' ;; *) state='1 1 0 1 0 0 0' ;; esac
	ok "$name: it runs" begin
	ok "$name: the first" ctl apply $first --timeout 40
	ok "$name: it is there" says "$state"
	echo 3 >say
	status_is 1 "$name: a hook says no" ctl apply $last --timeout 40
	is "$(field processes.0.cause) $(field processes.0.detail)" "vetoed 'attach' returned 3" "$name: it tells which, and what"
	is "$(label)" "patched $first" "$name: the first goes on"
	ok "$name: the data have its shape" shows "^${state% * *}"
	[ $first = plain ] || ok "$name: what its hook did stays" says "$state"
	# One that takes too long, where no other has changed anything that the first patch would see.
	if [ $first = one ]; then
		echo 77 >say
		status_is 1 "$name: a hook takes too long" ctl apply $last --timeout 40
		is "$(field processes.0.cause)" vetoed "$name: it tells so"
	fi
	rm say
	never_old "$name"
	ok "$name: without it" ctl apply $last --timeout 40
	ok "$name: it is there" shows '^2 0 2 2 1 '
	never_old "$name"
	ok "$name: revert" ctl revert '' --timeout 40
	ok "$name: old again" shows '^0 0 0 1 0 '
	is "$(text_of "$pid")" "$before" "$name: every byte is as it was"
	stop "$pid"
done

name='nobody calls'
ok "$name: it runs" begin
ok "$name: the first" ctl apply one --timeout 40
ok "$name: it is there" says '1 1 0 2 0 1 0'
touch idle
ok "$name" says idle
status_is 1 "$name: hooks wait" ctl apply more --timeout 8
is "$(field processes.0.cause)" hooks-waiting "$name: it tells so"
is "$(label)" 'half-way one' "$name: status tells so, too"
status_is 1 "$name: revert" ctl revert '' --timeout 1
is "$(field processes.0.cause)" hooks-waiting "$name: must wait, too"
rm idle
ok "$name: somebody calls" says '2 0 2 2 1 11 0'
ok "$name: the next run completes it" ctl apply more --timeout 40
is "$(label)" 'patched more' "$name: status"
back "$name" '0 0 0 1 0 11 11'
touch idle
ok "$name" says idle
ok "$name: the first is pending" ctl apply one --timeout 40
status_is 1 "$name: so that none can take over" ctl apply two --timeout 1
is "$(field processes.0.cause)" hooks-waiting "$name: it tells so"
rm idle
ok "$name: somebody calls" says '1 1 0 2 0 12 11'
ok "$name: two" ctl apply two --timeout 40
stop "$pid"

# The first stays off: there is nothing to be kept.
store store hp-more/prog.hp.o old/prog
rm -f idle
echo 4 >say
start env HOTPATCH_STORE="$T/store" old/prog 2 >log 2>err
pid=$started
ok 'vetoed at startup' shows '^0 0 0 1 0 '
is "$(label)" 'vetoed more' 'status'
rm say
ok 'another patch is applied as if it was not there' ctl apply one --timeout 40
ok 'it is' shows '^1 1 0 2 0 '
stop "$pid"

# A kill at each step, where hooks of the newer patch have to run, and where they do not; with a hook that says no, too.
ok 'an hp-ctl with hooks builds' ctl_hooks
rm -f say
for newer in two more; do
	steps='beside unwind loaded gate-code gate-entries closed verdict decided turn turn:3 take-over take-over-hooks clean cleaned'
	[ $newer = two ] || steps+=' asked vetoed'
	data='0 2 2 0'
	[ $newer = two ] || data='0 2 2 1'
	for step in $steps; do
		for way in apply revert; do
			ok "$step: it runs" begin 1
			ok "$step: one" ctl apply one --timeout 40
			ok "$step: it is there" says '1 1 0 2 0 1 0'
			[ "$step" != vetoed ] || echo 3 >say
			LIMIT=40 run HP_CTL_DIE_AT="$step" "$hooked" apply hp-$newer/prog.hp.o --pid "$pid" --timeout 30
			is "$signal" KILL "$step: killed"
			ok "$step: the process answers" alive "$pid"
			ok "$step: check: it has the first" ctl check one
			if [ "$way $step" = 'apply vetoed' ]; then
				status_is 1 "$step: the next run sees it, too" ctl apply $newer --timeout 40
				is "$(field processes.0.cause)" vetoed "$step: it tells so"
				ok "$step: the first goes on" shows '^1 1 0 2 0 '
			elif [ $way = apply ]; then
				ok "$step: the next run completes it" ctl apply $newer --timeout 40
				ok "$step: the hooks have run" shows "^2 $data "
			fi
			never_old "$step"
			ok "$step: revert" ctl revert '' --timeout 40
			ok "$step: old again" shows '^0 0 0 1 0 '
			is "$(text_of "$pid")" "$before" "$step: every byte is as it was"
			stop "$pid"
		done
	done 2>&1 | grep -E '^(not ok|#)' >failures
	is "$(cat failures)" '' "kills, $newer: every step"
done
done_testing

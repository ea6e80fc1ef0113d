#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One patch takes over from another, and both set variables: they hold what the newer one says, and what the old build had
# when that is taken back. A kill at any step harms neither.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

cp "$top/testsuite/ctl/over.c" .
for v in 0 1 2; do
	mkdir -p "$v" "hp$v"
	hp_cc -DV=$v -pthread over.c -o "$v/prog"
done
ok 'the first patch' "$hp_diff" -o hp1 --label one 0/prog 1/prog
ok 'the one that follows' "$hp_diff" -o hp2 --label two --after=hp1/prog.hp.o 0/prog 2/prog
ok 'an hp-ctl with hooks builds' ctl_hooks
one=hp1/prog.hp.o two=hp2/prog.hp.o
old='0 0: 10 10 10 10' first='1 1: 20 20 20 10' second='2 2: 20 30 10 30'
start 0/prog >log
pid=$started
ok 'it runs' says "$old"
before=$(text_of "$pid")

apply() { ok "$2" "$hp_ctl" apply "$1" --pid "$pid" --timeout 30 --consistency=$consistency; }
revert() { ok 'revert' "$hp_ctl" revert --pid "$pid" --timeout 30 --consistency=$consistency; }

for consistency in auto function; do
	apply $one 'the first'
	ok 'its values' says "$first"
	apply $two "$consistency: the second takes over"
	ok 'the values of the second' says "$second"
	apply $two 'once more'
	revert
	ok 'what the old build had' says "$old"
	is "$(text_of "$pid")" "$before" 'every byte is as it was'
done

apply $one 'the first'
ok 'its values' says "$first"
kill -USR1 "$pid"
ok 'the program changes one' says '1 1: 99 20 20 10'
apply $two 'the second takes over'
ok 'which both set alike: it stays' says '2 2: 99 30 10 30'
revert
ok 'and stays' says '0 0: 99 10 10 10'
stop "$pid"

# Hooks of its own could say no when the variables have changed already.
mkdir -p more hp-more
hp_cc -DV=2 -DMORE -pthread over.c -o more/prog
ok 'one with a hook' "$hp_diff" -o hp-more --label more --after=hp1/prog.hp.o 0/prog more/prog
start 0/prog >log
pid=$started
ok 'it runs' says "$old"
consistency=auto apply $one 'the first'
ok 'its values' says "$first"
status_is 1 'one with a hook of its own is refused' "$hp_ctl" apply hp-more/prog.hp.o --pid "$pid" --timeout 30 --json
is "$(field processes.0.cause)" other-patch 'the cause'
like "$(field processes.0.detail)" 'hooks of its own, and one of the two sets variables' 'it says why'
ok 'the first goes on' says "$first"
consistency=auto revert
ok 'then it can be applied' "$hp_ctl" apply hp-more/prog.hp.o --pid "$pid" --timeout 30
ok 'it is' says "$second"
consistency=auto revert
ok 'what the old build had' says "$old"

for consistency in quiescent function; do
	steps='beside unwind switch values take-over clean turn turn:2 write:21 write:24 write:27 write:30 write:33'
	[ $consistency = quiescent ] && steps+=' gate-entries closed verdict decided'
	for step in $steps; do
		for way in apply revert; do
			consistency=auto apply $one "$step: the first"
			ok "$step: its values" says "$first"
			LIMIT=40 run HP_CTL_DIE_AT="$step" "$hooked" apply $two --pid "$pid" --timeout 20 --consistency=$consistency
			is "$signal" KILL "$step: killed"
			ok "$step: the process answers" alive "$pid"
			if [ $way = apply ]; then
				consistency=auto apply $two "$step: the next run completes it"
				ok "$step: the values of the second" says "$second"
			fi
			consistency=auto revert
			ok "$step: what the old build had" says "$old"
		done
	done 2>&1 | grep -E '^(not ok|#)' >failures
	is "$(cat failures)" '' "$consistency: every step"
done
unlike "$(cat log)" FELL 'what both set is never what the old build gave it'
stop "$pid"
done_testing

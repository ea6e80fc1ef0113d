#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# New code that was registered where nobody sees it runs after its patch was taken back, and so stays loaded.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

# walk WHAT TEXT SIGNAL: TEXT is what the new code says when it is called, for SIGNAL or at the end
walk() {
	ok "$1: the target builds" ctl_pair stays -std=c++17 "-D$1"
	like "$("$hp_diff" --dry-run stays/1/prog stays/2/prog)" '\[stays\]' "$1: a warning" # warning stays
	ok "$1: it runs" launch stays
	ok "$1: apply" "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30
	ok "$1: the new version" says '2 2'
	ok "$1: revert" "$hp_ctl" revert --pid "$pid" --timeout 30 --json
	like "$(field processes.0.note)" 'stays loaded.*nobody sees' "$1: its code stays, and why"
	ok "$1: the old version" says '1 1'
	kill -"$3" "$pid"
	ok "$1: what was registered runs" await 60 grep -q "$2" log
	kill -TERM "$pid" 2>/dev/null
	wait "$started"
	is "$?" 0 "$1: the process ends well"
	rm -rf stays
}

walk THREAD "the thread's thing is gone" TERM
walk EXIT 'the new function at the end' TERM
walk SIGNAL 'the new handler' USR1
done_testing

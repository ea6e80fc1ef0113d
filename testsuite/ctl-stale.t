#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Threads that are out of the new code, but are rarely seen so for what it left on their stacks, do not hold it for ever.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

state() {
	run "$hp_ctl" status --pid "$pid" --json
	field processes.0.modules.0.state
}

ok 'the target builds' ctl_pair stale
ok 'it runs' launch stale
for consistency in function quiescent; do
	ok "apply: $consistency" "$hp_ctl" apply "$patch" --pid "$pid" --consistency=$consistency --timeout 60
	ok 'the new functions answer' says '2 2'
	ok "revert: $consistency" "$hp_ctl" revert "$patch" --pid "$pid" --consistency=$consistency --timeout 60
	ok 'the old functions answer' says '1 1'
	is "$(state)" unpatched 'the new code is gone'
done
done_testing

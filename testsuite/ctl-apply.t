#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A running process is patched, asked, and given back as it was.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

ok 'the target builds' ctl_pair target
ok 'it runs' launch target plain
before=$(text_of "$pid")

run "$hp_ctl" status --pid "$pid" --json
is "$(field processes.0.modules.0.state)" unpatched 'status: unpatched'
status_is 1 'check: the process needs the patch' "$hp_ctl" check "$patch" --pid "$pid"
ok 'a dry run' "$hp_ctl" apply --dry-run "$patch" --pid "$pid"
is "$(text_of "$pid")" "$before" 'it wrote nothing'

ok 'apply' "$hp_ctl" apply "$patch" --pid "$pid" --json --timeout 30
is "$(field processes.0.outcome)" patched 'it says so'
ok 'the new functions answer' says '2 2'
ok 'apply once more' "$hp_ctl" apply "$patch" --pid "$pid" --json
is "$(field processes.0.outcome)" already 'that is no failure'
run "$hp_ctl" status --pid "$pid" --json
is "$(field processes.0.modules.0.state) $(field processes.0.modules.0.label)" 'patched CVE-2026-1' 'status: patched, and its label'
ok 'check: nobody needs the patch' "$hp_ctl" check "$patch" --pid "$pid"

ok 'revert without naming the patch' "$hp_ctl" revert --pid "$pid" --timeout 30
ok 'the old functions answer' says '1 1'
is "$(text_of "$pid")" "$before" 'every byte of the code is as it was'
ok 'revert once more' "$hp_ctl" revert --pid "$pid"
for consistency in function quiescent; do
	ok "apply: $consistency" "$hp_ctl" apply "$patch" --pid "$pid" --consistency=$consistency --timeout 30
	ok 'the new functions answer' says '2 2'
	ok "revert: $consistency" "$hp_ctl" revert "$patch" --pid "$pid" --consistency=$consistency --timeout 30
	ok 'the old functions answer' says '1 1'
done
is "$(text_of "$pid")" "$before" 'every byte of the code is as it was'
done_testing

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Odd ways to be called: descriptors closed, nobody who reads, processes that are none of ours.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

ok 'the target builds' ctl_pair target
ok 'it runs' launch target plain

# closed COMMAND...: with no descriptor open at all
closed() { "$@" <&- >&- 2>&-; }
status_is 1 'apply with nothing open' closed "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30
is "$(state)" patched 'it did its work, and says that nobody was told'
status_is 1 'revert with nothing open' closed "$hp_ctl" revert --pid "$pid" --timeout 30
is "$(state)" unpatched 'so did that'
status_is 1 'install with nothing open' closed "$hp_ctl" install "$patch" --store "$T/store" --pid "$pid" --timeout 30
ok 'what it installed is the patch' cmp "$patch" "$(echo "$T"/store/*)"
status_is 1 'remove with nothing open' closed "$hp_ctl" remove "$patch" --store "$T/store" --pid "$pid" --timeout 30
is "$(ls store)" '' 'nothing is left of it'
ok 'the process answers' says '1 1'

# unread COMMAND...: whoever reads its report has gone
unread() { { await 60 test -e left; "$@"; echo $? >ended; } 2>&1 | { exec <&-; : >left; }; }
run unread "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30 --verbose
is "$(cat ended) $(state)" '1 patched' 'nobody reads: done, and told by the status'
status_is 1 'no room for the report' sh -c '"$@" >/dev/full' - "$hp_ctl" check "$patch" --pid "$pid" --json
like "$err" 'cannot write the report: No space' 'it says so'

for command in "apply $patch" "revert $patch" "check $patch" "install $patch --store $T/store"; do
	status_is 1 "${command%% *}: no such process" "$hp_ctl" $command --pid 4194300 --json
	is "$(field processes.0.cause)" no-process "${command%% *}: the cause"
	status_is 1 "${command%% *}: a process of something else" "$hp_ctl" $command --pid $$ --json
	is "$(field processes.0.cause)" no-module "${command%% *}: the cause"
done
status_is 1 'status: no such process' "$hp_ctl" status --pid 4194300 --json
is "$(field processes)" 0 'nothing to list'
like "$err" 'process 4194300: there is no such process' 'it says why'
ok 'status: a process of something else' "$hp_ctl" status --pid $$
# no_proc COMMAND...: where /proc is an empty directory
no_proc() { unshare -m sh -c 'mount --make-rprivate / && umount -l /proc && exec "$@"' - "$@"; }
if have unshare && unshare -m true 2>/dev/null; then
	status_is 1 'status without /proc' no_proc "$hp_ctl" status
	like "$err" 'cannot look at all processes' 'it says so'
	status_is 2 'check without /proc' no_proc "$hp_ctl" check "$patch"
	status_is 1 'apply without /proc' no_proc "$hp_ctl" apply "$patch"
else
	skip 'without /proc' 'needs unshare'
fi
if [ "$(cat /proc/2/comm)" = kthreadd ]; then
	status_is 1 'a thread of the kernel' "$hp_ctl" apply "$patch" --pid 2 --json
	is "$(field processes.0.cause)" no-process 'the cause'
fi
done_testing

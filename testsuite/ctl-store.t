#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# install publishes the patch and applies it; remove takes both back; a store that fails changes nothing.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

ok 'the target builds' ctl_pair target
ok 'it runs' launch target plain
file=store/$(build_id target/1/prog).hp.o
ok 'install' "$hp_ctl" install "$patch" --store "$T/store" --pid "$pid" --timeout 30
ok 'the running process has it' says '2 2'
ok 'the file is in the store' cmp "$patch" "$file"
is "$(stat -c '%a %u' "$file")" '644 0' 'readable by all, writable by root alone'
is "$(ls -A store | wc -l)" 1 'no temporary file is left'
ok 'install once more' "$hp_ctl" install "$patch" --store "$T/store" --pid "$pid"
first=$pid
start env HOTPATCH_STORE="$T/store" target/1/prog plain >log
pid=$started
ok 'a new process starts with it' says '2 2'
ok 'apply to that one' "$hp_ctl" apply "$patch" --pid "$pid" --json
is "$(field processes.0.outcome)" already 'it has the patch already'
ok 'remove' "$hp_ctl" remove "$patch" --store "$T/store" --pid "$pid" --pid "$first" --timeout 30
ok 'the process is old again' says '1 1'
is "$(ls -A store)" '' 'the store is empty'
run "$hp_ctl" status --pid "$pid" --pid "$first" --json
is "$(field processes.0.modules.0.state) $(field processes.1.modules.0.state)" 'unpatched unpatched' 'both are unpatched'

ok 'only the store' "$hp_ctl" install --store-only "$patch" --store "$T/store"
run "$hp_ctl" status --pid "$pid" --store "$T/store" --json
is "$(field processes.0.modules.0.stale)" 1 'status: stale'
chmod 666 store/*.hp.o
run "$hp_ctl" status --pid "$pid" --store "$T/store" --json
is "$(field processes.0.modules.0.stale)" 0 'a file that others can write to says nothing'
chmod 644 store/*.hp.o
ok 'the process is still old' last_is '1 1'

chmod 777 store
status_is 2 'a store that others can write to' "$hp_ctl" install "$patch" --store "$T/store" --store-only
chmod 755 store
if mkdir small && mount -t tmpfs -o size=4k tmpfs small 2>/dev/null; then
	status_is 2 'a full disk' "$hp_ctl" install "$patch" --store "$T/small" --store-only
	is "$(ls -A small)" '' 'leaves nothing behind'
	umount small
fi
for n in 0 64 1000; do
	head -c $n "$patch" >cut.hp.o
	status_is 2 "cut off after $n bytes" "$hp_ctl" apply cut.hp.o --pid "$pid"
done
cp "$patch" bad.hp.o
printf 'x' | dd of=bad.hp.o bs=1 seek=$(($(stat -c %s bad.hp.o) / 4)) conv=notrunc status=none
run "$hp_ctl" apply bad.hp.o --pid "$pid"
isnt "$status$(tail -n 1 log)" '02 2' 'a changed byte is found, or lies outside of the patch'

ok 'no process is without an answer' alive "$pid"
status_is 1 'no such process' "$hp_ctl" apply "$patch" --pid 4194300 --json
is "$(field processes.0.cause)" no-process 'the cause'
start sleep 60
status_is 1 'another program' "$hp_ctl" apply "$patch" --pid "$started" --json
is "$(field processes.0.cause)" no-module 'the cause'

# Two at once: one works, the other finds it done.
"$hp_ctl" apply "$patch" --pid "$pid" --timeout 30 >one 2>&1 &
a=$!
"$hp_ctl" apply "$patch" --pid "$pid" --timeout 30 >two 2>&1 &
b=$!
wait $a
is $? 0 'two at once: the one'
wait $b
is $? 0 'two at once: the other'
is "$(cat one two | grep -cE '  patched  ')$(cat one two | grep -cE '  already  ')" 11 'one patched, one already'
ok 'the new functions answer' says '2 2'
done_testing

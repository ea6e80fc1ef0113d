#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A process whose code is not what OLD has at a place that the patch writes is left alone.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

poke() {
	python3 -c '
import sys
f = open("/proc/%s/mem" % sys.argv[1], "r+b", buffering=0)
f.seek(int(sys.argv[2], 16)); was = f.read(1)
f.seek(int(sys.argv[2], 16)); f.write(bytes.fromhex(sys.argv[3] if len(sys.argv) > 3 else ""))
print(was.hex())' "$@"
}

ok 'the target builds' ctl_pair target
ok 'it runs' launch target plain
function=$(objdump -d target/hp/prog | awk '/^0.*>:$/ { at = $1; next } at && $2 == "eb" && $3 == "f9" { print at; exit } { at = "" }')
isnt "$function" '' 'there is a function that the patch redirects'
base=$(awk -v file="$(readlink -f target/1/prog)" '$6 == file { split($1, a, "-"); print a[1]; exit }' "/proc/$pid/maps")
room=$(printf '%x' $((0x$base + 0x$function - 3)))
was=$(poke "$pid" "$room" 90)
is "$was" cc 'a byte above its entry is another one now'
status_is 1 'apply' "$hp_ctl" apply "$patch" --pid "$pid" --json
is "$(field processes.0.cause)" bytes 'the cause'
is "$(poke "$pid" "$room" "$was")" 90 'the byte is still there; it becomes what it was'
ok 'the process is old' says '1 1'
ok 'apply once more' "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30
ok 'now the process is new' says '2 2'

# The registry says that the patch is active, and one entry is the old one again.
entry=$(printf '%x' $((0x$base + 0x$function)))
ok 'check: it is fixed' "$hp_ctl" check "$patch" --pid "$pid"
was=$(poke "$pid" "$entry" 66)
is "$was" eb 'an entry that leads to the new function leads nowhere now'
status_is 1 'check: it is not' "$hp_ctl" check "$patch" --pid "$pid"
poke "$pid" "$entry" "$was" >/dev/null
ok 'check: it is again' "$hp_ctl" check "$patch" --pid "$pid"
done_testing

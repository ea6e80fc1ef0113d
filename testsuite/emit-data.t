#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# New variables stand in the reserve, but not at its start: the loader leaves that address, the end of the file in memory,
# on the stack, and hp-ctl would see a thread on its way into the patch.
. "${0%/*}/lib.sh"

ok 'the pair builds' build_pair "$top/testsuite/pairs/new-data"
ok 'hp-diff' "$hp_diff" old/prog new/prog -o out --json=diff.json
first=$(nm -n out/prog | awk '/__start_hp_reserve$/ { start = $1 } start && $1 >= start && !/hp_reserve/ { print $1; exit }')
start=$(nm out/prog | awk '/__start_hp_reserve$/ { print $1 }')
isnt "$first" '' 'there is a new variable'
is "$((0x$first - 0x$start >= 16))" 1 'it stands behind the start of the reserve'
done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A process that lies in its headers, notes, registry or link map: hp-ctl reads within bounds, and not without end
# (under sanitizers). `make check-fuzz` goes on for longer.
. "${0%/*}/lib.sh"
need_tool perl
[ -r /proc/self/io ] || skip_all 'needs /proc/PID/io'

# edits FILE AREA,HOW,OFFSET,VALUE...: an input of fuzz-ctl
edits() { perl -e 'print map { pack "CCvq<", split /,/ } @ARGV' "${@:2}" >"$1"; }

sources=$(grep -L 'int main(' "$top"/runtime/ctl-*.c | grep -v ctl-bind)
$CC -g -O1 -fsanitize=address,undefined -fno-sanitize-recover -DMAIN -I"$build" -I"$top" -I"$top/runtime" \
	"$top/testsuite/fuzz-ctl.c" $sources "$top"/runtime/{target-proc,patch,engine,sha1}.c -o fuzz ||
	skip_all 'needs the sanitizers'
ok 'the process to look at' hp_cc "$top/testsuite/fuzz-sleeper.c" -o sleeper
export PROGRAM=$T/sleeper

echo -n >none
ok 'undamaged' ./fuzz none
is "$out" 'taken 1 of 1' 'the module is found'
echo -n M >empty
ok 'no mappings' ./fuzz empty
is "$out" 'taken 0 of 1' 'no module then'

# Five more program headers say that they are notes of 65,000 bytes each.
many=()
for i in 9 10 11 12 0; do
	many+=("1,2,$((56 * i)),4" "1,3,$((56 * i + 32)),65000" "1,3,$((56 * i + 16)),0")
done
edits notes "${many[@]}"
ok 'notes of any size are not read again and again' ./fuzz notes
edits ring 6,11,24,6
ok 'a list of objects that leads back to its head has an end' ./fuzz ring
LIMIT=120 ok 'damaged at random' ./fuzz 2000 "${SEED:-1}"
like "$out" '^taken [0-9]{3,4} of 2000$' 'some are modules still'
done_testing

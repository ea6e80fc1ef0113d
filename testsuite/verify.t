#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A stage that makes a mistake (runtime/break.h) is caught when the coldpatch is read back: cause verify, and nothing is written.
. "${0%/*}/lib.sh"

ok 'hp-diff with switches builds' $CC -std=gnu11 -O0 -DHP_BREAK -I"$build" "$top"/postlink/*.c \
	"$top"/runtime/{patch,engine,sha1,target-buffer,ctl-insn}.c -o hp-diff -lopcodes -lbfd -liberty -ljansson -lz
for stage in place boot unwind; do
	mkdir $stage
	pair=string
	[ $stage != boot ] || pair=new-data
	[ $stage != unwind ] || pair=exceptions
	ok "$pair builds" build_pair "$top/testsuite/pairs/$pair"
	status_is 1 "a broken $stage: refused" env HP_BREAK=$stage ./hp-diff old/prog new/prog -o $stage --json=json
	is "$(json json refusals | sort -u)" verify 'the cause is verify'
	is "$(ls $stage)" '' 'nothing is written'
	status_is 0 'without the mistake it is written' ./hp-diff old/prog new/prog -o $stage
done
done_testing

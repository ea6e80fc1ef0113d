#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# status says what hp-diff was told to accept in the patch that a process runs, as long as a copy of it is at hand.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

for v in 1 2; do
	mkdir -p "thing/$v"
	cat >prog.c <<-END
		#include <stdio.h>
		#include <stdlib.h>
		#include <unistd.h>
		struct thing { int a$([ $v = 2 ] && echo ', b'); };
		static struct thing *things;
		__attribute__((noipa)) static int last(const struct thing *t) { return ((const char *)(t + 1))[-1] + $v; }
		int main(void)
		{
			things = calloc(2, sizeof *things);
			for (;; usleep(1000))
				printf("%d %d\n", last(things), last(things)), fflush(stdout);
		}
	END
	hp_cc prog.c -o "thing/$v/prog"
done
mkdir -p thing/hp
ok 'a patch with something accepted' "$hp_diff" --accept=layout:thing thing/1/prog thing/2/prog -o thing/hp
patch=thing/hp/prog.hp.o
ok 'it runs' launch thing
ok 'apply' "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30 --consistency=function
run "$hp_ctl" status --pid "$pid" --json
like "$(field processes.0.modules.0.accepted.0)" '^layout:struct thing: 8 bytes, was 4' 'JSON'
run "$hp_ctl" status --pid "$pid"
like "$out" 'accepted +layout:struct thing: 8 bytes, was 4' 'text'
ok 'revert' "$hp_ctl" revert "$patch" --pid "$pid" --timeout 30 --consistency=function
run "$hp_ctl" status --pid "$pid" --json
is "$(field processes.0.modules.0.accepted)" '' 'without the patch there is nothing to say'
stop "$pid"

ok 'a patch without' ctl_pair target
ok 'it runs' launch target
ok 'apply' "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30 --consistency=function
run "$hp_ctl" status --pid "$pid"
unlike "$out" accepted 'nothing was accepted there'
done_testing

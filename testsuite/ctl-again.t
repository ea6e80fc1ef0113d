#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A variable that a patch brings starts as zero each time that the patch is applied, whatever it held when it was taken back.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

mkdir old new out
cat >main.c <<'END'
#include <stdio.h>
#include <unistd.h>

__attribute__((noipa)) static int calls(void)
{
#ifdef NEW
	static int count;

	return ++count < 1000 ? 1 : 1000;
#else
	return 0;
#endif
}

int main(void)
{
	for (;;) {
		printf("%d\n", calls());
		fflush(stdout);
		usleep(200);
	}
}
END
ok 'both build' hp_cc main.c -o old/prog
ok 'both build' hp_cc -DNEW main.c -o new/prog
ok 'hp-diff' "$hp_diff" old/prog new/prog -o out
start old/prog >log
pid=$started
ok 'it runs' says 0
for round in 1 2 3; do
	ok "apply $round" "$hp_ctl" apply out/prog.hp.o --pid "$pid" --timeout 30
	ok 'it counts' says 1000
	ok 'revert' "$hp_ctl" revert --pid "$pid" --timeout 30
	ok 'the old code' says 0
done
is "$(uniq log | xargs)" '0 1 1000 0 1 1000 0 1 1000 0' 'each time from the start'
stop "$pid"
done_testing

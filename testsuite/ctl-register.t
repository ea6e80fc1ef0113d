#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A thread on its way into new code, of which only a register tells: so it is between an unwinder's last two instructions
# and a landing pad. The code stays until it has come and gone.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

write way/way.c <<'END'
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
int go, calls;
/* As pop %rcx; jmp *%rcx, but for a while in between. */
__asm__(".text\n.globl on_the_way\n.type on_the_way,@function\non_the_way:\n"
	"	cmpl $0,go(%rip)\n	je on_the_way\n	jmp *%rcx\n.size on_the_way,.-on_the_way\n");
__attribute__((noipa)) int fixed(int wait)
{
	calls++;
#if V == 2
	if (wait)
		__asm__ volatile("lea 1f(%%rip),%%rcx\n	jmp on_the_way\n1:" : : : "rcx", "cc", "memory");
#endif
	return V;
}
/* It has no frame below the function that is called, and that one has no return address into new code. */
static void *work(void *arg) { fixed(1); puts("came back"); return arg; }
int main(void)
{
	pthread_t t;
	setlinebuf(stdout);
	for (int last = 0, now; ; usleep(1000)) {
		now = fixed(0);
		if (now != last)
			printf("%d %d\n", now, now);
		if (now == 2 && last != 2)
			pthread_create(&t, NULL, work, NULL);
		last = now;
		go = !access("go", F_OK);
	}
}
END
for v in 1 2; do
	mkdir -p way/$v
	(cd way && hp_cc -DV=$v -pthread way.c -o $v/prog)
done
mkdir -p way/hp
ok 'the patch' "$hp_diff" -o way/hp way/1/prog way/2/prog
start way/1/prog >log
pid=$started
ok 'it runs' says '1 1'
ok 'apply' "$hp_ctl" apply way/hp/prog.hp.o --pid "$pid" --timeout 40
ok 'the new function answers' says '2 2'
ok 'revert' "$hp_ctl" revert --pid "$pid" --timeout 2 --json
like "$(field processes.0.note)" "stays loaded: thread .* is in 'fixed'" 'a thread may come'
touch go
ok 'it comes, and goes back' await 60 grep -q 'came back' log
ok 'revert' "$hp_ctl" revert --pid "$pid" --timeout 40 --json
unlike "$(field processes.0.note)" 'stays loaded' 'now the code can go'
ok 'the process lives' alive "$pid"
done_testing

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A thread on its way into new code, of which only a register tells: so it is between an unwinder's last two instructions
# and a landing pad. The code stays until it has come and gone; also when the thread stands still there, stopped by a signal,
# or by a debugger, which leaves it to the code ahead to tell.
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

# begin WHAT: the patch is applied, and a thread on its way
begin() {
	rm -f go
	start way/1/prog >log
	pid=$started
	ok "$1: it runs" says '1 1'
	ok "$1: apply" "$hp_ctl" apply way/hp/prog.hp.o --pid "$pid" --timeout 40
	ok "$1: the new function answers" says '2 2'
}
# stays WHAT PATTERN: it cannot be removed, and who is in the way is told
stays() {
	ok "$1: revert" "$hp_ctl" revert --pid "$pid" --timeout 2 --json
	like "$(field processes.0.note)" "stays loaded: $2" "$1: a thread may come"
}
goes() {
	touch go
	ok "$1: it comes, and goes back" await 60 grep -q 'came back' log
	ok "$1: revert" "$hp_ctl" revert --pid "$pid" --timeout 40 --json
	unlike "$(field processes.0.note)" 'stays loaded' "$1: now the code can go"
	ok "$1: the process lives" alive "$pid"
	stop "$pid"
}
is_stopped() { grep -q 'State:.T' "/proc/$pid/status"; }

begin running
stays running "thread .* is in 'fixed'"
goes running

begin stopped
kill -STOP "$pid"
ok 'stopped: it is' await 60 is_stopped
stays stopped "thread [0-9]+, which is stopped, is in 'fixed'"
ok 'stopped: it still is' is_stopped
kill -CONT "$pid"
goes stopped

if have gdb; then
	begin held
	mkfifo on
	start gdb -q -nx -batch -p "$pid" -ex 'shell echo here; : <on' >gdb.log 2>&1
	gdb=$started
	ok 'held: a debugger is attached' await 60 grep -q '^here' gdb.log
	stays held "thread [0-9]+, which process [0-9]+ traces,"
	timeout 60 sh -c ': >on'
	wait "$gdb"
	goes held
else
	skip 'held by a debugger' 'needs gdb'
fi
done_testing

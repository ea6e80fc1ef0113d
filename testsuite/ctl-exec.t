#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A process executes another program, or closes the library, while hp-ctl is at work on it: nothing is written to what comes
# then, and the process counts as gone.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

write lib.c <<'EOF'
static volatile long calls;
__attribute__((noipa)) int first(void) { calls++; return V; }
__attribute__((noipa)) int second(void) { calls++; return V; }
EOF
# Calls the library until it finds the file `go`; then, as it was told, executes another program or closes it.
write main.c <<'EOF'
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	void *lib = dlopen(argv[2], RTLD_NOW);
	int (*first)(void) = (int (*)(void))dlsym(lib, "first");
	for (puts("ready"), fflush(stdout); argc > 2 && access("go", F_OK); usleep(1000))
		first();
	if (!strcmp(argv[1], "exec"))
		execlp("sleep", "sleep", "1000", NULL);
	dlclose(lib);
	for (puts("closed"), fflush(stdout);; pause())
		continue;
}
EOF
for v in 1 2; do mkdir -p $v && hp_cc -DV=$v -fPIC -shared lib.c -o $v/lib.so; done
mkdir -p hp
ok 'the patch' "$hp_diff" -o hp 1/lib.so 2/lib.so
ok 'the program' $CC main.c -o main -ldl
ok 'an hp-ctl with hooks builds' ctl_hooks

is_stopped() { grep -q 'State:.T' "/proc/$1/status"; }
has_changed() { if [ "$1" = exec ]; then grep -q sleep "/proc/$2/comm"; else grep -q closed log; fi; }
# Not at the verdict: who waits in the gate is held until hp-ctl goes on.
for step in image loaded gate-code gate-entries prechecked closed active; do
	for how in exec close; do
		rm -f go
		start ./main $how ./1/lib.so >log
		pid=$started
		ok "$how at $step: it runs" await 60 grep -q ready log
		start env HP_CTL_STOP_AT=$step "$hooked" apply hp/lib.so.hp.o --pid "$pid" --timeout 20 --json >applied 2>&1
		tool=$started
		ok "$how at $step: hp-ctl is there" await 60 is_stopped "$tool"
		touch go
		ok "$how at $step: it changes" await 60 has_changed $how "$pid"
		kill -CONT "$tool"
		wait "$tool"
		is "$?" 0 "$how at $step: hp-ctl ends well"
		out=$(cat applied)
		is "$(field processes.0.outcome)" gone "$how at $step: it is gone"
		ok "$how at $step: what it is now lives" alive "$pid"
		stop "$pid"
	done 2>&1 | grep -E '^(not ok|#)' >failures
	is "$(cat failures)" '' "$step: both"
done
done_testing

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Patches that outgrew the arena, in libraries: two paths, two namespaces, loaded later, unloaded; and in families of
# processes.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root
need_tool perl

# Each answers with its version; the second function of the new one has no room in the arena.
write part.c <<'E2'
#include <string.h>
__attribute__((noipa)) int first(const char *text) { return (int)strlen(text) * V; }
__attribute__((noipa)) int part(const char *text)
{
#if V == 2
	__asm__ volatile("jmp 1f\n.skip 40000, 0x90\n1:");
#endif
	return first(text) * 10 + V;
}
E2
# Loads its arguments, "+FILE" into a namespace of its own; SIGUSR1: the next one, or, after the last, forgets it again.
write main.c <<'E2'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static volatile int wanted;
static void on_signal(int sig) { wanted += sig == SIGUSR1 ? 1 : -1; }
int main(int argc, char **argv)
{
	void *handle[9] = {0};
	int (*part[9])(const char *), loaded = 1, last = 0, sum;

	setlinebuf(stdout);
	signal(SIGUSR1, on_signal);
	signal(SIGUSR2, on_signal);
	for (wanted = atoi(argv[1]) + 1;; usleep(1000)) {
		for (; loaded < wanted && loaded + 1 < argc; loaded++) {
			const char *name = argv[loaded + 1];
			handle[loaded] = *name == '+' ? dlmopen(LM_ID_NEWLM, name + 1, RTLD_NOW) : dlopen(name, RTLD_NOW | RTLD_LOCAL);
			part[loaded] = handle[loaded] ? (int (*)(const char *))dlsym(handle[loaded], "part") : NULL;
			if (!part[loaded]) { puts(dlerror()); return 1; }
		}
		for (; loaded > wanted; loaded--)
			dlclose(handle[loaded - 1]);
		sum = 0;
		for (int i = 1; i < loaded; i++)
			sum = sum * 100 + part[i]("7");
		if (sum != last)
			printf("%d\n", last = sum);
	}
}
E2
for v in 1 2; do
	mkdir -p $v hp
	hp_cc -DV=$v -fplugin-arg-hotpatch-arena=4096 -fPIC -shared part.c -o $v/part.so || exit
done
ok 'a patch for a library' "$hp_diff" -o hp --json=json 1/part.so 2/part.so
out=$(cat json)
is "$(field arena.mapped)" 1 'it outgrew the arena'
$CC main.c -o main -ldl || exit
cp 1/part.so copy.so
patch=hp/part.so.hp.o

outcomes() {
	perl -MJSON::PP -0777 -ne 'print join " ", map { $_->{outcome} } @{decode_json($_)->{processes}}' <<<"$out"
}
apply() { run "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30 --json; outcomes; }
revert() { run "$hp_ctl" revert "$patch" --pid "$pid" --timeout 30 --json; outcomes; }

# both WHAT ARG...: two modules of one build, which are patched and taken back together
both() {
	local what=$1 empty
	start ./main 2 "${@:2}" >log
	pid=$started
	ok "$what: it runs" says 1111
	empty=$(room_of "$pid")
	for round in 1 2; do
		is "$(apply)" 'patched patched' "$what: apply"
		ok "$what: both are new" says 2222
		is "$(revert)" 'reverted reverted' "$what: revert"
		ok "$what: both are old" says 1111
		is "$(room_of "$pid")" "$empty" "$what: both rooms are empty"
	done
	stop "$pid"
}
both 'two paths' ./1/part.so ./copy.so
both 'two namespaces' ./1/part.so +./1/part.so

start ./main 1 ./1/part.so ./copy.so >log
pid=$started
ok 'loaded later: it runs' says 11
empty=$(room_of "$pid") maps=$(wc -l <"/proc/$pid/maps")
is "$(apply)" patched 'loaded later: apply'
ok 'the first one is new' says 22
kill -USR1 "$pid"
ok 'the second one comes, and is old' says 2211
status_is 1 'check knows it' "$hp_ctl" check "$patch" --pid "$pid"
is "$(apply | tr ' ' '\n' | sort | tr '\n' ' ')" 'already patched ' 'apply once more'
ok 'both are new' says 2222
for turn in 1 2 3; do
	kill -USR2 "$pid"
	ok 'it is unloaded' says 22
	kill -USR1 "$pid"
	ok 'and comes back, old' says 2211
	apply >applied
	ok 'and is patched' says 2222
done
kill -USR2 "$pid"
ok 'it is unloaded' says 22
is "$(revert)" reverted 'the first one is taken back'
ok 'and is old' says 11
is "$(room_of "$pid")" "$empty" 'its room is empty'
is "$(wc -l <"/proc/$pid/maps")" "$maps" 'no mapping was left behind'
stop "$pid"

store store "$patch" 1/part.so
start env HOTPATCH_STORE="$T/store" ./main 1 ./1/part.so ./copy.so >log
pid=$started
ok 'patched when it is loaded' says 22
is "$(revert)" reverted 'taken back'
ok 'is old' says 11
kill -USR1 "$pid"
ok 'loaded later, and patched then' says 1122
is "$(apply | tr ' ' '\n' | sort | tr '\n' ' ')" 'already patched ' 'apply'
ok 'both are new' says 2222
is "$(revert)" 'reverted reverted' 'one that hp-ctl wrote, one that was mapped: revert'
ok 'both are old' says 1111
stop "$pid"

# Parents and children. SIGUSR1: one more child.
write family.c <<'E2'
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
__attribute__((noipa)) int first(int x) { return x + V; }
__attribute__((noipa)) int second(int x)
{
#if V == 2
	__asm__ volatile("jmp 1f\n.skip 40000, 0x90\n1:");
#endif
	return x * 10 + V;
}
static volatile int wanted;
static void on_signal(int sig) { wanted += sig == SIGUSR1; }
int main(void)
{
	setlinebuf(stdout);
	signal(SIGUSR1, on_signal);
	signal(SIGCHLD, SIG_IGN);
	for (int last = 0;; usleep(1000)) {
		int now = second(first(0));
		if (wanted && fork() == 0)
			last = 0, alarm(300);
		wanted = 0;
		if (now != last)
			printf("%d: %d\n", getpid(), last = now);
	}
}
E2
for v in 1 2; do
	mkdir -p family/$v family/hp
	hp_cc -DV=$v -fplugin-arg-hotpatch-arena=4096 family.c -o family/$v/prog || exit
done
ok 'a patch for a family' "$hp_diff" -o family/hp family/1/prog family/2/prog
patch=family/hp/prog.hp.o
last_of() { [ "$(grep "^$1:" log | tail -n 1)" = "$1: $2" ]; }
children() { pgrep -P "$pid"; }
# bears: one more child, which is $child
bears() { kill -USR1 "$pid"; await 60 children && child=$(children) && await 60 grep -q "^$child:" log; }

# parent: a new one, in $pid
parent() {
	start family/1/prog >log
	pid=$started
	await 60 last_of "$pid" 11 && before="$(text_of "$pid") $(room_of "$pid")"
}
ok 'the parent is old' parent
is "$(apply)" patched 'the parent is patched'
ok 'it is new' await 60 last_of "$pid" 22
ok 'it has a child' bears
ok 'which is new' await 60 last_of "$child" 22
is "$(revert)" reverted 'the parent is taken back'
ok 'it is old' await 60 last_of "$pid" 11
ok 'the child stays new' last_of "$child" 22
ok 'check finds it so' "$hp_ctl" check "$patch" --pid "$child"
ok 'it is taken back, too' "$hp_ctl" revert "$patch" --pid "$child" --timeout 30
ok 'it is old' await 60 last_of "$child" 11
is "$(text_of "$child") $(room_of "$child")" "$before" 'every byte of it'
is "$(text_of "$pid") $(room_of "$pid")" "$before" 'and of its parent'
kill "$child"

# A child that is born in the middle of it is finished by the same run.
ok 'an hp-ctl with hooks builds' ctl_hooks
stop "$pid"
for step in segment image loaded gate-rooms closed active; do
	ok "$step: a parent is old" parent
	start env HP_CTL_STOP_AT=$step "$hooked" apply "$patch" --timeout 60 >applied 2>&1
	tool=$started
	await 60 grep -q '^State:.*T' "/proc/$tool/status" || { fail "$step: hp-ctl does not come there"; continue; }
	ok "$step: a child is born" bears
	kill -CONT "$tool"
	wait "$tool"
	is "$?" 0 "$step: all are patched"
	ok "$step: the child is new" await 60 last_of "$child" 22
	ok "$step: the parent is new" await 60 last_of "$pid" 22
	ok "$step: revert" "$hp_ctl" revert "$patch" --timeout 30
	ok "$step: the child is old" await 60 last_of "$child" 11
	is "$(text_of "$child") $(room_of "$child") $(text_of "$pid") $(room_of "$pid")" "$before $before" \
		"$step: every byte of both"
	kill "$child"
	stop "$pid"
done

# A hundred times: nothing is left behind.
held() { cat "/proc/$pid/maps"; ls "/proc/$pid/fd" "/proc/$pid/task"; text_of "$pid"; room_of "$pid"; }
private() { awk '/^Private_Dirty/ { print $2 }' "/proc/$pid/smaps_rollup"; }
turns() {
	for ((i = 0; i < $1; i++)); do
		"$hp_ctl" apply "$patch" --pid "$pid" --timeout 30 | grep -q '1 patched' || return
		"$hp_ctl" revert "$patch" --pid "$pid" --timeout 30 | grep -q '1 reverted' || return
	done
}
ok 'one more is old' parent
ok 'there and back' turns 2
before=$(held) dirty=$(private)
ok 'a hundred times' turns 100
is "$(held)" "$before" 'mappings, descriptors and bytes are what they were'
is "$(($(private) <= dirty + 16))" 1 'so is its private memory'
stop "$pid"

# Its executables were forbidden to be writable before it was started.
start perl -e 'syscall(157, 65, 1, 0, 0, 0) == 0 or exit 3; exec @ARGV' family/1/prog >log
pid=$started
if await 10 last_of "$pid" 11; then
	is "$(apply)" patched 'started with MDWE'
	ok 'it is new' await 60 last_of "$pid" 22
	is "$(revert)" reverted 'taken back'
	stop "$pid"
else
	skip 'started with MDWE' 'the kernel does not know it'
fi
done_testing

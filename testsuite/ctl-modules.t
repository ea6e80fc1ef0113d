#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Libraries: linked, loaded later, two copies of one; imports that the old build did not have; exceptions through new code.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

write part.c <<'E2'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
long part_spare(const char *text) { return strtol(text, NULL, 9); }
#if V == 2
static char *kept;
__attribute__((noipa)) int part(const char *text)
{
	if (!kept)
		kept = strdup(text);
	return (int)strlen(kept) + (strchr(kept, '-') != NULL) * 100 + atoi(kept) * 1000;
}
#else
__attribute__((noipa)) int part(const char *text) { return text[0]; }
#endif
E2
write main.c <<'E2'
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	int (*f[4])(const char *) = {0}, last = 0;
	setlinebuf(stdout);
	for (int i = 1; i < argc; i++) {
		void *h = dlopen(argv[i], RTLD_NOW | RTLD_LOCAL);
		if (!h) { puts(dlerror()); return 1; }
		f[i] = (int (*)(const char *))dlsym(h, "part");
	}
	for (;; usleep(1000)) {
		int sum = 0;
		for (int i = 1; i < argc; i++)
			sum += f[i]("7-up");
		if (sum != last)
			printf("%d\n", last = sum);
	}
}
E2
# same_file FILE ARG...: compiled under the name of the other version
same_file() { mkdir -p same && cp "$1" same/part.c && (cd same && hp_cc "${@:2:1}" -fPIC -shared part.c -o "../${@: -1}"); }
mkdir -p o n hp
ok 'the old library builds' hp_cc -DV=1 -fPIC -shared part.c -o o/part.so
ok 'the new library builds' hp_cc -DV=2 -fPIC -shared part.c -o n/part.so
ok 'the patch' "$hp_diff" -o hp o/part.so n/part.so
cp o/part.so copy.so
ok 'a program without the plugin' $CC main.c -o main -ldl
start ./main ./o/part.so ./copy.so >log
pid=$started
ok 'it runs' says 110
run "$hp_ctl" status --pid "$pid" --json
is "$(field processes.0.modules)" 2 'two copies of one library'
ok 'apply' "$hp_ctl" apply hp/part.so.hp.o --pid "$pid" --json --timeout 30
is "$(field processes)" 2 'an answer for each'
ok 'both are new: strdup, strlen, strchr and atoi were not imported before' says 14208
ok 'revert' "$hp_ctl" revert hp/part.so.hp.o --pid "$pid" --timeout 30
ok 'both are old' says 110
stop "$pid"

# The same file twice, the second time in a namespace with a C library of its own. Nothing to import: both; else the one
# whose imports can be found.
sed '/dlopen/s/.*/\t\tvoid *h = i == 1 ? dlopen(argv[i], RTLD_NOW) : dlmopen(LM_ID_NEWLM, argv[i], RTLD_NOW);/; 1i #define _GNU_SOURCE' \
	main.c >twice.c
ok 'a program that has namespaces' $CC twice.c -o twice -ldl
sed 's/return text\[0\];/return text[0] + 100;/' part.c >plain.c
mkdir -p plain hp2
ok 'a library that needs nothing new' same_file plain.c -DV=1 -o plain/part.so
ok 'its patch' "$hp_diff" -o hp2 o/part.so plain/part.so
start ./twice ./o/part.so ./o/part.so >log
pid=$started
ok 'it runs' says 110
ok 'apply' "$hp_ctl" apply hp2/part.so.hp.o --pid "$pid" --json --timeout 30
is "$(field processes.0.outcome) $(field processes.1.outcome)" 'patched patched' 'both'
ok 'both are new' says 310
ok 'revert' "$hp_ctl" revert hp2/part.so.hp.o --pid "$pid" --timeout 30
ok 'both are old' says 110
status_is 1 'imports' "$hp_ctl" apply hp/part.so.hp.o --pid "$pid" --json --timeout 30
is "$({ field processes.0.outcome; echo; field processes.1.outcome; } | sort | tr '\n' ' ')" 'cannot patched ' 'one'
like "$(field processes.0.cause)$(field processes.1.cause)" '^unbound$' 'why not the other'
ok 'one is new' says 7159
stop "$pid"

write throw.cc <<'E2'
#include <cstdio>
#include <pthread.h>
#include <stdexcept>
#include <string>
#include <unistd.h>
static volatile int spare;
__attribute__((noipa)) int before(int x) { spare = x; return x; }
__attribute__((noipa)) int inner(int x) { if (x) throw std::runtime_error(std::to_string(x)); return V; }
struct guard { int *n; ~guard() { ++*n; } };
__attribute__((noipa)) int outer(int x)
{
	int n = 0;
	try { guard g{&n}; inner(x); } catch (const std::runtime_error &e) { return std::stoi(e.what()) * 10 + V + n - 1; }
	return -1;
}
static void *once(void *) { outer(3); return nullptr; }     /* what it threw stays behind in freed memory */
static void *run(void *) { for (;;) { int v = outer(3); if (v != 31 && v != 32) { std::printf("BAD %d\n", v); std::fflush(stdout); } } }
int main()
{
	pthread_t t;
	std::setvbuf(stdout, nullptr, _IOLBF, 0);
	pthread_create(&t, nullptr, run, nullptr);
	for (int last = 0;; usleep(1000)) {
		int v = outer(3) * 10 + inner(0);
		if (v == last) continue;
		if (v == 322 && !pthread_create(&t, nullptr, once, nullptr)) pthread_join(t, nullptr);
		std::printf("%d\n", last = v);
	}
}
E2
mkdir -p t1 t2
ok 'the throwing program builds' hp_cxx -DV=1 -pthread throw.cc -o t1/prog
ok 'and its new version' hp_cxx -DV=2 -pthread throw.cc -o t2/prog
ok 'the patch' "$hp_diff" -o hp t1/prog t2/prog
start t1/prog >log
pid=$started
ok 'it runs' says 311
for i in 1 2; do
	ok 'apply' "$hp_ctl" apply hp/prog.hp.o --pid "$pid" --timeout 30
	ok 'new code throws and catches' says 322
	ok 'revert' "$hp_ctl" revert hp/prog.hp.o --pid "$pid" --timeout 30
	ok 'old code throws and catches' says 311
	run "$hp_ctl" status --pid "$pid" --json
	is "$(field processes.0.modules.0.state)" unpatched 'an exception of the past holds no code'
done
unlike "$(cat log)" BAD 'no exception was lost'
stop "$pid"
done_testing

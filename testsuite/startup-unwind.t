#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Exceptions, pthread_cancel() and backtrace() go through patched functions, at startup and cold.
. "${0%/*}/lib.sh"

# Each function exists twice: the edit changes a number in it, and what it does when it is unwound.
source_of() {   # STEP
	cat <<-END
	#include <cstdio>
	#include <cstdlib>
	#include <execinfo.h>
	#include <pthread.h>
	#include <stdexcept>
	#include <unistd.h>
	struct Cleanup { const char *name; ~Cleanup() { std::printf("cleanup %s $1\n", name); std::fflush(stdout); } };
	volatile int zero;
	__attribute__((noinline)) void thrower(int x) { if (x > zero) throw x + $1; throw std::runtime_error("$1"); }
	__attribute__((noinline)) int catcher(int x)
	{
		Cleanup c = { "catcher" };
		try { thrower(x); } catch (int i) { if (x == 2) throw i + $1; return i * 10 + $1; }
		return 0;
	}
	__attribute__((noinline)) int passes(int x) { Cleanup c = { "passes" }; return catcher(x) + $1; }
	__attribute__((noinline)) void *waits(void *) { Cleanup c = { "waits" }; for (;;) sleep(60 + $1); return nullptr; }
	__attribute__((noinline)) int deep(int n)
	{
		void *frames[64];
		if (n == zero) return backtrace(frames, 64) + $1 * 1000;
		return deep(n - 1) + zero;
	}
	__attribute__((noinline)) int call(int x) { return passes(x); }
	int main()
	{
		pthread_t t;
		void *result;
		std::printf("caught %d\n", call(1));
		try { call(2); } catch (int i) { std::printf("rethrown %d\n", i); }
		try { call(0); } catch (std::exception &e) { std::printf("passed %s\n", e.what()); }
		pthread_create(&t, nullptr, waits, nullptr);
		pthread_cancel(t);
		pthread_join(t, &result);
		std::printf("cancelled %d\n", result == PTHREAD_CANCELED);
		std::printf("frames %d\n", deep(5));
		std::printf("end\n");
		return 0;
	}
	END
}

story() {       # NAME FLAGS...
	local name=$1 side want
	shift
	for side in old new; do
		mkdir -p src $side
		source_of $([ $side = old ]; echo $((1 + $?))) >src/main.cc
		(cd src && hp_cxx "$@" main.cc -o ../$side/prog -pthread) || { fail "$name: builds"; return; }
	done
	want=$(./new/prog)
	rm -rf out store && mkdir out
	ok "$name: hp-diff" "$hp_diff" old/prog new/prog -o out
	[ "$status" = 0 ] || return
	store store out/prog.hp.o old/prog
	run HOTPATCH_STORE="$PWD/store" ./old/prog
	is "$out$err" "$want" "$name: patched at startup, it unwinds as NEW"
	run ./out/prog
	is "$out$err" "$want" "$name: coldpatched, it unwinds as NEW"
}

story PIE
story no-PIE -fno-pie -no-pie
story static-pie -static-pie
story 'no optimisation' -O0
story 'frame pointers' -fno-omit-frame-pointer -O1
story 'libgcc static' -static-libgcc
story 'control-flow protection' -fcf-protection=full
story 'static with .eh_frame_hdr' -static -Wl,--eh-frame-hdr
todo 'without .eh_frame_hdr there is nothing to write to: link with -Wl,--eh-frame-hdr'
story static -static
todo ''
done_testing

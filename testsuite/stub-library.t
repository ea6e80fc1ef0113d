#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Shared libraries are patched before their constructors: linked, dlopened (also from a small stack), opened again.
. "${0%/*}/stub.sh"

{
	stub_source
	echo '__attribute__((constructor)) static void early(void) { printf("early %d\n", f()); fflush(stdout); }'
} >lib.c
$CC -O2 -fPIC -shared -o libf.so lib.c $stub_libs || exit
stub_patch libf.so

echo 'int printf(const char *, ...); int f(void); int main(void) { printf("f %d\n", f()); return 0; }' >main.c
$CC -O2 -o linked main.c -L. -lf -Wl,-rpath,. || exit
run ./linked
is "$out$err" "$old_lines" 'linked: old code without a patch'
run_patched ./linked
is "$out$err" "$new_lines" 'linked: new code'

cat >opens.c <<'END'
#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *load(void *arg)
{
	void *lib = dlopen("./libf.so", RTLD_NOW | RTLD_LOCAL);
	int (*f)(void) = lib ? (int (*)(void))dlsym(lib, "f") : NULL;

	if (!f)
		return puts(dlerror()), NULL;
	printf("f %d\n", f());
	fflush(stdout);
	dlclose(lib);
	return arg;
}

int main(int argc, char **argv)
{
	pthread_attr_t small;
	pthread_t thread;

	if (argc > 1) {                                 /* what setproctitle() and getopt() do to the initial stack */
		setenv("MORE", "environment", 1);
		clearenv();
		memset(argv[1], 'x', strlen(argv[1]));
	}
	load(NULL);
	load(NULL);
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, PTHREAD_STACK_MIN);
	pthread_create(&thread, &small, load, NULL);
	pthread_join(thread, NULL);
	return 0;
}
END
$CC -O2 -o opens opens.c -pthread || exit
run_patched ./opens
is "$out$err" "$new_lines"$'\n'"$new_lines"$'\n'"$new_lines" 'dlopened three times: new code each time'
run_patched ./opens --title
is "$out$err" "$new_lines"$'\n'"$new_lines"$'\n'"$new_lines" 'environment moved and arguments overwritten meanwhile'
done_testing

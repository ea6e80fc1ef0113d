#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Imports of new code are bound as the dynamic linker would: scope order, versions, IFUNC, copied variables, no TLS.
. "${0%/*}/stub.sh"

# bound WANTED NAME COMMAND...: f's new code calls (or reads) the import.
bound() {
	local wanted=$1 name=$2
	shift 2
	run_patched "$@"
	is "$out$err" "early $wanted"$'\nf '"$wanted" "$name"
}

cat >provider.c <<'END'
int old_two(void) { return 20; }
int new_two(void) { return 30; }
__asm__ (".symver old_two, two@V_1; .symver new_two, two@@V_2");
static int chosen(void) { return 40; }
static int (*choose(void))(void) { return chosen; }
int indirect(void) __attribute__((ifunc("choose")));
int variable = 50;
__thread int threaded = 60, another = 61;
int helper(void) { return 70; }
END
echo 'V_1 { two; }; V_2 { two; indirect; variable; threaded; another; helper; } V_1;' >provider.map
$CC -O2 -fPIC -shared -Wl,--version-script=provider.map -o libprovider.so provider.c || exit
link="-L. -Wl,--no-as-needed -lprovider -Wl,-rpath,$PWD"
stub_source >plain.c
sed -i '/int two/d' plain.c
stub_main >>plain.c

for style in gnu sysv; do
	for kind in '-fPIE -pie' '-fno-pie -no-pie'; do
		[ $style = gnu ] || $CC -O2 -fPIC -shared -Wl,--hash-style=$style -Wl,--version-script=provider.map \
			-o libprovider.so provider.c
		$CC -O2 $kind -o prog plain.c $link $stub_libs || exit
		as="$style hash, ${kind##* }"
		stub_patch prog import=two; bound 30 "$as: without a version: the default one" ./prog
		stub_patch prog import=two@V_1; bound 20 "$as: the old version" ./prog
		stub_patch prog import=two@V_2; bound 30 "$as: the new version" ./prog
		stub_patch prog import=indirect@V_2; bound 40 "$as: IFUNC" ./prog
		stub_patch prog read=variable@V_2; bound 50 "$as: a variable" ./prog
	done
done
for name in threaded another; do
	stub_patch prog read=$name@V_2
	refused "cannot find an imported symbol '$name'" "a thread-local variable is refused, $name" ./prog
done
stub_patch prog import=two@V_3
refused "cannot find an imported symbol 'two'" 'a version that nobody defines is refused' ./prog

{ cat plain.c; echo 'extern int variable; int *use = &variable; __attribute__((constructor(101))) static void set(void) { variable = 51; }'; } >copies.c
$CC -O2 -fno-pie -no-pie -o copies copies.c $link $stub_libs || exit
stub_patch copies read=variable@V_2; bound 51 'a copied variable: the program has it' ./copies

echo 'int two(void) { return 99; }' >preload.c
$CC -O2 -fPIC -shared -o preload.so preload.c
stub_patch prog import=two@V_2; bound 99 'LD_PRELOAD comes first, unversioned as it is' LD_PRELOAD=./preload.so ./prog

# A plugin that is opened: its own libraries, not those of an unrelated one that was opened before it.
{ stub_source; echo '__attribute__((constructor)) static void early(void) { printf("early %d\n", f()); fflush(stdout); }'
} | sed '/int two/d' >plugin.c
$CC -O2 -fPIC -shared -o plugin.so plugin.c $link $stub_libs || exit
echo 'int helper(void) { return 98; } int own(void) { return 97; }' >other.c
$CC -O2 -fPIC -shared -o other.so other.c
cat >opens.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
int main(int argc, char **argv)
{
	int global = argv[1][0] == 'g';
	void *other = dlopen("./other.so", RTLD_NOW | (global ? RTLD_GLOBAL : RTLD_LOCAL));
	void *plugin = argc > 2 ? dlmopen(LM_ID_NEWLM, "./plugin.so", RTLD_NOW) : dlopen("./plugin.so", RTLD_NOW);
	int (*f)(void) = plugin ? (int (*)(void))dlsym(plugin, "f") : 0;

	if (!other || !f)
		return puts(dlerror()), 1;
	printf("f %d\n", f());
	return 0;
}
END
$CC -O2 -o opens opens.c || exit
stub_patch plugin.so import=helper; bound 70 "a plugin's own library before an unrelated one" ./opens local
stub_patch plugin.so import=own; bound 97 'a library that was opened for all' ./opens global
stub_patch plugin.so import=helper; bound 70 'in a namespace of its own' ./opens local dlmopen
done_testing

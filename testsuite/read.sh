# SPDX-License-Identifier: GPL-3.0-or-later
#
# For the tests of hp-diff's input side: sourced instead of lib.sh. The readers are compiled here, with a program of the
# test around them; they need nothing else of hp-diff but the remedies.
. "${0%/*}/lib.sh"

readers=$(printf "$top/postlink/%s.c " read mapping symbols dynamic eh cursor refs reloc relocatable insn filling leap facts)

# read_build PROGRAM SOURCE [FLAG...]
read_build() {
	local program=$1 source=$2
	shift 2
	cat >remedies.c <<-END
		#include "$top/postlink/diff.h"
		#define HP_CAUSE(id, code, text, remedy) remedy,
		static const char *const remedies[] = {
		#include "$top/postlink/refuse.def"
		};
		const char *cause_remedy(enum cause c) { return remedies[c]; }
	END
	$CC -std=gnu11 -O1 -g "$@" -o "$program" "$top/testsuite/$source" $readers remedies.c -lopcodes -lbfd -liberty
}

link_flags='-ffunction-sections -fdata-sections -Wl,--emit-relocs'

# A program with what refs meet: tables, strings, statics, TLS, imports, an IFUNC, a weak symbol that nobody defines, a
# copied variable, the end of an array.
sample() {
	cat <<-'END'
	#include <stdio.h>
	#include <stdlib.h>
	#include <string.h>
	static int counter = 5;
	int global[10];
	const char *names[] = { "a", "bb", "ccc" };
	__thread int exported_tls = 3;
	static __thread int own_tls;
	static int array[4] = { 1, 2, 3, 4 };
	int *array_end = array + 4;
	extern char **environ;
	__attribute__((weak)) int nobody(int);
	__attribute__((cold, noinline)) void rare(void) { puts("rare"); exit(1); }
	int table(int x)
	{
		switch (x) {
		case 0: return counter;
		case 1: puts("one"); return 3;
		case 2: return global[1];
		case 3: counter = 7; return 9;
		case 4: rare(); return 2;
		case 5: return getenv("X") != 0;
		case 6: return exported_tls++;
		case 7: return ++own_tls;
		}
		return (long)environ;
	}
	static void *choose(void) { return (void *)strlen; }
	long mine(const char *) __attribute__((ifunc("choose")));
	int (*print)(const char *) = puts;
	int (*pointer)(int) = table;
	int main(int argc, char **argv)
	{
		if (nobody)
			nobody(1);
		array[argc & 3] = argc;
		return table(argc) + names[argc % 3][0] + mine(argv[0]) + (long)print + pointer(1);
	}
	END
}

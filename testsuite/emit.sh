# SPDX-License-Identifier: GPL-3.0-or-later
#
# For the tests of what hp-diff writes: a small pair, and its files in out/.

. "${0%/*}/lib.sh"

emit_source() {
	cat <<-END
		#include <stdio.h>
		#include <stdlib.h>
		int counter = 3;
		static int __attribute__((noinline)) inner(int x) { if (x > 1000) abort(); return x * $1 + counter; }
		int __attribute__((noinline)) outer(int x) { return inner(x) + inner(x + 1); }
		int main(int argc, char **argv) { return argv[0] && printf("$2 %d\\n", outer(argc)) < 0; }
	END
}

# emit_pair [FLAG...]: old/prog, new/prog.
emit_pair() {
	local side
	for side in old new; do
		mkdir -p src $side
		if [ $side = old ]; then emit_source 3 old; else emit_source 5 new; fi >src/main.c
		(cd src && hp_cc "$@" main.c -o ../$side/prog) || return
	done
}

# emit_diff [OPTION...]: hp-diff on them, into out/.
emit_diff() { mkdir -p out && run "$hp_diff" old/prog new/prog -o out "$@"; }

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Symbols become objects: aliases folded, cold parts tied, files noted, labels and nested functions told apart.
. "${0%/*}/read.sh"

read_build dump dump-image.c || exit
cat >a.c <<'END'
__attribute__((cold)) void rare(int);
static int twin = 1;
int shared = 2;
extern int second __attribute__((alias("shared")));
__attribute__((visibility("hidden"))) int hidden = 3;
__attribute__((weak)) int weak(void) { return 4; }
__attribute__((noinline)) static int work(int x) { if (x > 3) rare(x); return x; }
int both(int x) { return work(x) + twin++; }
int other(int);
int main(int argc, char **argv) { (void)argv; return both(argc) + other(argc) + hidden + weak() + shared; }
END
cat >b.c <<'END'
__attribute__((cold)) void rare(int);
static int twin = 7;
__attribute__((noinline)) static int work(int x) { if (x > 4) rare(-x); return -x; }
int other(int x) { return work(x) + twin++; }
END
cat >c.S <<'END'
	.text
	.globl outer, inner, bare, rare
rare:
	.type outer,@function
	.type inner,@function
	.type bare,@function
outer:	nop
inner:	nop
	ret
	.size inner, .-inner
	nop
	.size outer, .-outer
bare:	ret
	.section .note.GNU-stack,"",@progbits
END
$CC -O2 -rdynamic $link_flags a.c b.c c.S -o prog || exit
of() { ./dump prog objects "$1" | sed 's/^ *[0-9a-f]* *[0-9a-f]* *//; s/ fde//; s/ refs.*//'; }
is "$(of shared)" 'data  g--e .data second = shared(e)' 'two names of a variable are one object'
is "$(of twin)" $'data  ---- .data twin [a.c]\ndata  ---- .data twin [b.c]' 'two variables of one name, of two files'
is "$(of hidden)" 'data  ---- .data hidden' 'the linker makes a hidden one local, of no file'
is "$(of weak)" 'func  gw-e .text weak' 'a weak function'
is "$(of work)" "$(printf 'func  ---- .text work [%s.c] cold work.cold\n' a b)" 'functions know their cold parts'
is "$(of work.cold)" "$(printf 'func  ---- .text work.cold [%s.c] cold-of work\n' a b)" 'and the other way round'
is "$(of bare)" 'label g--e .text bare' 'a function without a size is a label'
at() { ./dump prog objects "$1" | awk '{ print "0x" $1 }'; }
is "$(($(at inner)))" "$(($(at outer) + 1))" 'a function inside a function is an object too'
done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What .hp.facts tells: compiler and options, functions, lines, references outside bounds, layouts of types; and names of
# static locals.
. "${0%/*}/lib.sh"

facts() { readelf -p .hp.facts "$1" | sed -n 's/^ *\[ *[0-9a-f]*\]  //p' | sed 's/\^I/|/g' | grep "^$2"; }

write dir/main.c <<'EOF'
#include <assert.h>
#include <stdlib.h>
#define NUMBER(x) ((x) + __LINE__)
static int tab[8], other[4];
int *last = tab + 8;
static inline int inner(int a) { assert(a != 7); return a; }
int user(int a)
{
	assert(a >
	       3);
	return inner(a) + NUMBER(NUMBER(
		a)) + __LINE__;
}
int plain(int a) { static int count; return count += a; }
int twice(int a) { static int count; { static int count; count++; } return count += a; }
int sum(void) { int s = 0; for (int *p = other; p < other + 4; p++) s += *p ^ s; return s; }
__attribute__((noinline)) static int leaf(int a) { return a + 1; }
__attribute__((hotpatch("never"))) int never(int a) { return leaf(a); }
__attribute__((noreturn)) void leave(void) { abort(); }
int main(void) { return user(4) + plain(1) + twice(1) + sum() + never(0) + tab[0] == 1; }
EOF
ok 'compiles without a warning' "$CC" -O0 -O2 -Wall -Wextra -Werror -pedantic -fno-pic -g -I/usr/include -DX=1 \
	"-ffile-prefix-map=$PWD=." "-fplugin=$build/hotpatch.so" -c dir/main.c -o main.o
is "$(facts main.o U | cut -d'|' -f2 | sed 's/^gcc //')" "$($CC --version | sed -n '1s/^[^ ]* //p')" 'compiler version'
like "$(facts main.o U)" '\|GNU C[0-9]+\|.*-O2.*-fno-pic' 'language and options'
unlike "$(facts main.o U)" "prefix-map|-DX|-I|-W|plugin|-O0|$PWD" 'nothing that does not change code'
is "$(facts main.o 'F|main.c|user')" 'F|main.c|user|t|ff0fffff0ff37|i4(i4)|user,inner' 'own lines and inlined ones'
is "$(facts main.o 'F|main.c|never')" 'F|main.c|never|nt|ff01|i4(i4)|-' 'never; clobbers are those of the callee'
is "$(facts main.o 'F|main.c|leaf')" 'F|main.c|leaf|t|ff01|i4(i4)|-' 'clobbers of a leaf'
like "$(facts main.o 'F|main.c|leave')" '\|r' 'noreturn'
is "$(facts main.o 'L|main.c|user')" 'L|main.c|user|9 11 11 12' 'lines in their order, also of calls over two lines'
is "$(facts main.o 'L|main.c|inner')" 'L|main.c|inner|6' 'lines of an inlined function'
is "$(facts main.o 'B|main.c|sum')" 'B|main.c|sum|other 16 1' 'end of an array in code'
is "$(facts main.o 'B|main.c|last')" 'B|main.c|last|tab 32 1' 'end of an array in data'
is "$(nm main.o | sed -n 's/.* b \(count.*\)/\1/p' | sort | xargs)" 'count.plain.0 count.twice.0 count.twice.1' 'static locals'

write types.c <<'EOF'
#include <stdio.h>
#include <stdlib.h>
struct unused { int a; };
struct here { int a; char b[3]; };
typedef struct { struct here h; unsigned c : 3, d : 5; } heap;
union both { int i; struct here h; };
union both both;
FILE *file;
__attribute__((noipa)) static int get(const struct here *h, double x) { return h->a + x; }
__attribute__((noipa)) int frame(int a) { struct here h = { a, "" }; return get(&h, 0.5); }
__attribute__((noipa)) heap *make(int n, ...) { return calloc(1, sizeof(heap) * n); }
int main(void) { return make(1)->c + both.i + frame(1); }
EOF
ok 'types compile' hp_cc types.c -o types
is "$(facts types T | cut -d'|' -f2- | sort)" 'heap|12|h 0 {struct here}8,c 8.0 b3,d 8.3 b5
struct here|8|a 0 i4,b 4 [3]i1
union both|8|i 0 i4,h 0 {struct here}8' 'layouts of the types that are used, without those of the system'
like "$(facts types 'F|types.c|get')" '\|i4\(p8:[0-9a-f]+,f8\)\|' 'parameters and result'
like "$(facts types 'F|types.c|make')" '\|p8:[0-9a-f]+\(i4,\.\.\.\)\|' 'variable arguments'
is "$(facts types S | cut -d'|' -f4 | sed 's/[0-9a-f]\{4,\}/H/g' | tr ' ' '\n' | grep . | sort | xargs)" 'Hs Hsu Hu' \
	'static, heap, and what they hold'
sed -i '/^union both/d; s/both.i/0/; s/struct here h; unsigned/unsigned/' types.c
ok 'types compile again' hp_cc types.c -o types
is "$(facts types A | cut -d'|' -f3)" 'frame' 'the function with an object in its frame'

write kinds.c <<'EOF'
static struct { int a, b; } state;
int (*hook)(void *, short, ...), tab[2][3];
const int constant = 3;
struct node { struct node *next; } *first;
void *any;
char **names;
short (*rows)[3];
typedef enum { RED, BLUE } color;
struct { color paint[2]; } painted;
int use(float x) { static _Thread_local double d; return hook(&state, 1, x + d) + state.b++ + ++tab[1][1]; }
int main(void) { return use(constant); }
EOF
ok 'kinds compile' hp_cc kinds.c -o kinds
is "$(facts kinds T | sed 's/%[0-9a-f]*/%HASH/' | sort)" 'T|struct node|8|next 0 p8>{struct node}
T|typeof(painted)|8|paint 0 [2]i4%HASH:color
T|typeof(state)|8|a 0 i4,b 4 i4' 'the type of a variable is called after it when it has no name'
is "$(facts kinds V | cut -d'|' -f3- | sort | xargs)" \
	'any|p8>v d.use.0|f8 first|p8>{struct node} hook|p8=i4(p8;i2;...) names|p8>p8>i1 painted|{}8 rows|p8>[3]i2 state|{}8 tab|[2][3]i4' \
	'variables, and what they lead to'
is "$(facts kinds N)" 'N|kinds.c|color|RED 0,BLUE 1' 'constants of an enumeration of which something holds values'
is "$(facts kinds I)" 'I|kinds.c|-|i4(p8,i2,...) ' 'functions that are called through pointers'

write kept.c <<'EOF'
#include <stdlib.h>
#include <string.h>
struct row { const char *name; int v; };
static const struct row walked[] = { { "a", 1 }, { 0, 0 } }, found[] = { { "a", 1 }, { 0, 0 } }, sorted[] = { { "a", 1 } };
static const struct row passed[] = { { "a", 1 } }, copied = { "a", 1 }, given = { "a", 1 }, stored = { "a", 1 };
static const struct row compared = { "a", 1 }, returned = { "a", 1 };
static const char text[] = "text";
const struct row *p;
const char *t;
struct row q;
void take(const struct row *);
int walk(int c) { for (const struct row *r = walked; r < walked + 2 && r->name; r++) if (*r->name == c) return r->v; return 0; }
static const struct row *find(int c) { for (const struct row *r = found; r->name; r++) if (*r->name == c) return r; return 0; }
int use(int c) { return find(c) ? find(c)->v : 0; }
static int compare(const void *k, const void *r) { return strcmp(k, ((const struct row *)r)->name); }
int search(const char *k) { const struct row *r = bsearch(k, sorted, 1, sizeof *sorted, compare); return r ? r->v : 0; }
static int look(const struct row *r, int n) { return r[n].v; }
int pass(int c) { return look(passed, c); }
void keep(void) { take(&given); p = &stored; q = copied; t = text; }
int same(void) { return p == &compared; }
const struct row *give(void) { return &returned; }
static const struct row subtracted[] = { { "a", 1 } }, ended[] = { { "a", 1 } };
__attribute__((noipa)) static int number(const struct row *r) { return r - subtracted; }
int subtract(int i) { return number(subtracted + i); }
static int sum(const struct row *r, const struct row *end) { int n = 0; for (; r < end; r++) n += r->v; return n; }
int till_end(void) { return sum(ended, ended + 1); }
EOF
for option in -O0 -O2 -flto; do
	ok "kept.c compiles: $option" hp_cc -fPIC -shared $option kept.c -o kept
	is "$(facts kept K | cut -d'|' -f3 | sed 's/[.].*//' | sort | xargs)" 'compared given returned stored subtracted' \
		'constants whose address is kept'
done

write read.c <<'EOF'
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
struct row { const char *name; int v; };
struct group { struct row *rows; int n; char *title; };
/* Only read. */
static struct row walked[] = { { "a", 1 }, { 0, 0 } }, sorted[] = { { "a", 1 } }, held[] = { { "a", 1 } };
static struct group groups[] = { { held, 1, "t" } };
static struct option longs[] = { { "v", 0, 0, 'v' }, { 0, 0, 0, 0 } };
static struct { char name[4]; int v; } named[] = { { "a", 1 } };
static int number = 1;
extern int shared;
int walk(int c) { for (struct row *r = walked; r->name; r++) if (*r->name == c) return r->v; return number + shared; }
static int compare(const void *k, const void *r) { return strcmp(k, ((const struct row *)r)->name); }
int search(const char *k) { struct row *r = bsearch(k, sorted, 1, sizeof *sorted, compare); return r ? r->v : 0; }
int grouped(int i) { return puts(groups[i].title) + groups[i].rows->v; }
int options(int c, char **v) { return getopt_long(c, v, "v", longs, NULL); }
void print(int i) { printf("%s %d\n", named[i].name, named[i].v); }
/* Perhaps written. */
static struct row w_direct[] = { { "a", 1 } }, w_walked[] = { { "a", 1 }, { 0, 0 } }, w_given[] = { { "a", 1 } };
static struct row w_held[] = { { "a", 1 } }, w_sorted[] = { { "a", 1 } }, w_copied[] = { { "a", 1 } };
static struct group spoilt_groups[] = { { w_held, 1, "t" } };
static struct row w_searched[] = { { "a", 1 } }, w_swapped[] = { { "a", 1 }, { "b", 2 } }, w_read[] = { { "a", 1 } };
static struct row w_returned[] = { { "a", 1 } }, w_asm = { "a", 1 }, w_open[] = { { "a", 1 } };
struct group r_open[] = { { w_open, 1, "t" } };
static int w_number = 1, w_scanned, w_called = 1, w_twice = 1, *const w_alias = &w_twice;
static volatile int volatile_one = 1;
void take(const struct row *);
void direct(int i) { w_direct[i].v = i; w_number++; w_called = rand(); }
void through(int i) { for (struct row *r = w_walked; r->name; r++) r->v = i; }
void give(void) { take(w_given); scanf("%d", &w_scanned); }
void held_one(int i) { spoilt_groups[i].rows->v = i; }
void sort(void) { qsort(w_sorted, 1, sizeof *w_sorted, compare); }
void copy(const struct row *r) { memcpy(w_copied, r, sizeof *r); }
static int spoil(const void *k, const void *r) { ((struct row *)r)->v = 0; return strcmp(k, "a"); }
int spoilt(const char *k) { return bsearch(k, w_searched, 1, sizeof *w_searched, spoil) != NULL; }
void swap(int i) { struct row *a = w_swapped + i, *b = w_swapped, c = *a; *a = *b; *b = c; }
void input(FILE *f) { fread(w_read, sizeof *w_read, 1, f); }
struct row *returned(void) { return w_returned; }
void machine(void) { __asm__("movl $0, %0" : "+m"(w_asm.v)); }
void aliased(int i) { *w_alias = i; }
static char *w_arguments[] = { "a", "b", NULL };
int permuted(void) { return getopt_long(2, w_arguments, "v", longs, NULL); }
static struct row w_struct[] = { { "a", 1 } }, w_value[] = { { "a", 1 } };
static struct group spoilt_structs[] = { { w_struct, 1, "t" } }, spoilt_values[] = { { w_value, 1, "t" } };
void assigned(int i) { struct group *g = spoilt_structs + i, copy = *g; copy.rows->v = i; }
__attribute__((noinline)) static void write_group(struct group g) { g.rows->v = 3; }
void by_value(int i) { struct group *g = spoilt_values + i; write_group(*g); }
static int w_text = 1, w_plain = 1;
int texts(void) { __asm__("incl w_text(%rip)"); return w_text + w_plain; }
__asm__(".text; decl w_plain(%rip)");
/* By way of a copy of what holds them. */
union any { struct row *rows; unsigned long number; };
static struct row w_bytes[] = { { "a", 1 } }, w_member[] = { { "a", 1 } }, w_object[] = { { "a", 1 } }, w_number2[] = { { "a", 1 } };
static struct group bytes_groups[] = { { w_bytes, 1, "t" } }, object_groups[] = { { w_object, 1, "t" } };
static union any any[] = { { w_member } };
static void *numbers[] = { w_number2 };
void bytes(int i) { struct group g; memcpy(&g, bytes_groups + i, sizeof g); g.rows->v = i; }
void member(int i) { ((struct row *)any[i].number)->v = i; }
void object(struct group *to, int i) { struct group *from = object_groups + i; *to = *from; to->rows->v = i; }
void number2(int i) { unsigned long n; memcpy(&n, numbers, sizeof n); ((struct row *)n)->v = i; }
EOF
for option in -O0 -O2 -flto; do
	ok "read.c compiles: $option" hp_cc -fPIC -shared -Wno-unused-result $option read.c -o read
	is "$(facts read R | grep 'r$' | cut -d'|' -f3 | sed 's/[.].*//' | grep -v r_open | sort | xargs)" \
		"any bytes_groups groups held longs named number numbers object_groups$([ "$option" = -flto ] || echo " shared") sorted spoilt_groups spoilt_structs spoilt_values walked" \
		'variables that are only read'
	is "$(facts read R | grep 'w$' | cut -d'|' -f3 | grep -c w_)" 25 'and those that may be written'
done

write place.c <<'EOF'
static int plain[2], wide[2] __attribute__((aligned(32)));
int get(int i) { return plain[i] + wide[i]++; }
EOF
for option in -O0 -flto; do
	ok "place.c compiles: $option" hp_cc -fPIC -shared $option place.c -o place
	is "$(facts place D | cut -d'|' -f1,3-)" 'D|wide|32' 'what must be aligned more than its type'
	is "$(facts place P)" '' 'no data of assembler code'
done
echo 'void touch(void) { __asm__(".pushsection .data; .long 1; .popsection"); }' >asm.c
ok 'an asm statement' hp_cc -c asm.c -o asm.o
is "$(facts asm.o P)" 'P|asm.c' 'its data may be variables without a name'
echo 'void touch(void) { __asm__(".section probes,\"aw\"\n.long 1\n.previous"); }' >asm.c
ok 'a section of another name' hp_cc -c asm.c -o asm.o
is "$(facts asm.o P)" 'P|asm.c' 'likewise'
echo 'void touch(void) { __asm__("1: nop; .pushsection notes,\"a\"; .quad 1b; .popsection; .ascii \"w\""); }' >asm.c
ok 'a section that is not written' hp_cc -c asm.c -o asm.o
is "$(facts asm.o P)" '' 'none'
echo '__asm__(".pushsection .data; .Lnumber: .long 1; .popsection");' >>place.c
for option in -O0 -flto; do
	ok "with assembler code: $option" hp_cc -fPIC -shared $option place.c -o place
	like "$(facts place P)" '^P\|' 'likewise'
done

write line.cc <<'EOF'
#include <cassert>
template<class T> T twice(T a)
{
	assert(a > 0);
	auto lambda = [](T b) { assert(b); return b; };
	return lambda(a);
}
int main() { return twice(1) + twice(2L) == 0; }
EOF
ok 'C++' hp_cxx -Wall -Werror line.cc -o prog
is "$(facts prog L)" 'L|line.cc|_Z5twiceIiET_S0_|4
L|line.cc|_ZZ5twiceIiET_S0_ENKUliE_clEi|5' 'instances share, a lambda has its own'
ok 'LTO' "$CC" -O2 -flto "-fplugin=$build/hotpatch.so" dir/main.c -o prog
like "$(facts prog L)" '\|6' 'lines survive LTO'
echo 'static int own; int shared; __attribute__((noinline)) static int f(int a) { return own += a; } int g(int a) { return f(a) + shared++; }' >two.c
ok 'LTO, files' hp_cc -fPIC -shared -flto two.c -o two
is "$(facts two O | sort)" 'O|f|two.c|s
O|g|two.c|g
O|own|two.c|s
O|shared|two.c|g' 'the file that has it'
done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Two relocatable objects are compared, also such as the plugin did not make: what changed, what is new, no files.
. "${0%/*}/lib.sh"

write old.c <<'EOF'
#include <stdio.h>
#include <stdlib.h>
extern int elsewhere;
extern __thread int there;
static __thread int here = 3;
int common[4], level = 1;
static int counter;
static const char *names[] = { "one", "two", "three" };
__attribute__((noinline)) static int helper(int a) { return counter += a; }
__attribute__((noinline)) static int table(int a)
{
	switch (a) {
	case 0: return 7;
	case 1: return elsewhere;
	case 2: return 9;
	case 3: return counter;
	case 4: return 99;
	case 5: return 1;
	}
	return 0;
}
__attribute__((noipa)) int first(int a) { if (a < 0) abort(); return helper(a) + table(a); }
int second(int a) { puts(names[a]); return there + here + common[a]; }
int third(int a) { printf("%d %s\n", helper(a), "text"); return first(a) + level; }
double fourth(double d) { return d * 1.5 + 3; }
EOF

# sides SCRIPT FLAG...: old/o.o from old.c, new/o.o from what SCRIPT for sed makes of it.
sides() {
	local script=$1
	shift
	mkdir -p old new
	cp old.c o.c && $CC -O2 "$@" -c o.c -o old/o.o && sed "$script" old.c >o.c && $CC -O2 "$@" -c o.c -o new/o.o
}

# says WHAT STATUS WANTED: hp-diff ends with STATUS and lists WANTED, "changed NAME" and "new NAME".
says() {
	status_is "$2" "$1" "$hp_diff" --json=diff.json old/o.o new/o.o -o out
	is "$(grep -oE '^(changed|new) +[a-z_]*' <<<"$out" | tr -s ' ' | sort | xargs)" "$3" "$1: these"
}

for flags in '' -ffunction-sections '-fPIC -fno-plt' '-O0 -g' '-fcf-protection -fno-pic -mtls-dialect=gnu2' \
	"-fplugin=$build/hotpatch.so"; do
	sides '' $flags
	says "$flags: nothing" 3 ''
	sides '1s/^/\n\n/' $flags
	says "$flags: empty lines" 3 ''
	sides 's/a < 0)/a < 0 || a > 9)/' $flags
	says "$flags: longer code, with others behind it" 0 'changed first'
	is "$(json diff.json status)" compared "$flags: so the JSON says"
	sides 's/case 4: return 99/case 4: return 98/; s/"text"/"other text"/; s/level = 1/level = 2/' $flags
	says "$flags: table, string, variable" 0 'changed level changed table changed third'
	sides 's/^.*int first/int fresh(int a) { return a * elsewhere; }\n&/; s/return there/return elsewhere/' $flags
	says "$flags: new function, other import" 0 'changed second new fresh'
done
sides 's/fourth/f_rth/'
perl -pi -e 's/f_rth/f\xffrth/' new/o.o
says 'a name that is no text' 0 'new f'
is "$(ls -d out 2>/dev/null)" '' 'nothing is written'

sides 's/level = 1/level = 2/' -fPIC
$CC old/o.o -shared -o new/o.so -Wl,--unresolved-symbols=ignore-all
mv new/o.so new/o.o
status_is 2 'an object and a library' "$hp_diff" old/o.o new/o.o
sides 's/level = 1/level = 2/' -flto -fno-fat-lto-objects
status_is 2 'objects without code' "$hp_diff" old/o.o new/o.o
like "$err" 'without code' 'and it says why'
done_testing

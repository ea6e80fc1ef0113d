#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Files cut off anywhere and files with random damage are refused or taken; the readers never crash (under sanitizers).
. "${0%/*}/read.sh"

echo 'int main(void) { return 0; }' >main.c
echo 'leak:libbfd' >known          # DWARF of BFD 2.40
export LSAN_OPTIONS=suppressions=$PWD/known:print_suppressions=0
read_build dump dump-image.c -fsanitize=address,undefined -fno-sanitize-recover || skip_all 'needs the sanitizers'
read_build fuzz fuzz-read.c -fsanitize=address,undefined -fno-sanitize-recover || exit
sample >sample.c
cat >thrower.cc <<'END'
#include <stdexcept>
#include <string>
struct base { virtual ~base() { } virtual int f(int x) { if (x > 3) throw std::runtime_error("big"); return x; } };
struct derived : base { int f(int x) override { try { return base::f(x); } catch (int) { return 2; } } };
thread_local std::string text = "abc";
int main(int argc, char **) { derived d; text += "x"; return d.f(argc) + text.size(); }
END
$CC -g -O2 sample.c $link_flags -o pie &&
	$CC -O2 sample.c $link_flags -fPIC -shared -Wl,-z,pack-relative-relocs -o so &&
	$CXX -g -O2 thrower.cc $link_flags -o cxx || exit

ok 'the whole file is understood' ./dump pie verify
size=$(stat -c %s pie) wrong=''
for at in 0 1 3 4 16 40 63 64 65 100 $(seq 500 $((size / 40)) "$size"); do
	head -c "$at" pie >cut
	run ./dump cut verify
	[ "$status" = 2 ] && [ "$(grep -c '^hp-diff: cannot read' <<<"$err")" = 1 ] && [ "$(wc -l <<<"$err")" = 1 ] ||
		wrong+="cut at $at: $(ending): $err"$'\n'
done
is "$wrong" '' 'cut off anywhere: one message, nothing more'
for file in pie so cxx; do
	run ./fuzz "$file" 400 "${SEED:-1}"
	like "$(ending) $out" '^ended with status 0 taken [0-9]+ of 400$' "$file, damaged at random"
	[ "$status" = 0 ] || diag "$err"
done
done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# insn.c agrees with libopcodes: on the C and C++ libraries, on vector code, and on operands relative to %rip before
# every kind of immediate (unit-insn.S).
. "${0%/*}/read.sh"

read_build unit unit-insn.c -O2 || exit

# agree NAME LEAST FILE: at least LEAST operands were compared.
agree() {
	run ./unit "$3"
	like "$out" 'differences 0$' "$1: no difference"
	ok "$1: at least $2 operands" test "$(sed -n 's/.*fields \([0-9]*\).*/\1/p' <<<"$out")" -ge "$2"
}

echo 'int main(void) { return 0; }' >main.c
$CC -w main.c "$top/testsuite/unit-insn.S" -Wl,--emit-relocs -o all || exit
agree 'every kind' 85 all
cat >stream.cc <<'END'
#include <iostream>
#include <regex>
#include <string>
int main(int, char **argv) { std::cout << std::regex_replace(std::string(argv[0]), std::regex("a+"), "b"); }
END
$CXX -static -O1 stream.cc -Wl,--emit-relocs -o libraries || exit
agree 'static libraries' 5000 libraries
cat >vector.c <<'END'
#define N 64
#define LOOP(T, n, e) T a##n[N], b##n[N], c##n[N]; \
	void f##n(void) { for (int i = 0; i < N; i++) { T x = a##n[i], y = b##n[i]; c##n[i] = e; } }
LOOP(float, 1, x * y + 3.5f) LOOP(double, 2, x > 2.5 ? y / x : y * 1.25) LOOP(int, 3, x * 77 + (y ^ 0x5555))
LOOP(short, 4, x * 300 + y) LOOP(unsigned char, 5, x > 77 ? y : x + 3) LOOP(long, 6, (x << 3) | (y & 0x1234567))
LOOP(unsigned, 7, (x >> 5) + (y << 27)) LOOP(char, 8, x < 0 ? -x : y)
int main(void) { f1(); f2(); f3(); f4(); f5(); f6(); f7(); f8(); return c3[1]; }
END
for march in x86-64 haswell skylake-avx512 sapphirerapids bdver4; do
	$CC -O3 -march=$march vector.c -Wl,--emit-relocs -o vector || exit
	agree "$march" 200 vector
done
done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# operand.c against what objdump calls the operand (DWORD PTR): never less, and rarely more.
. "${0%/*}/read.sh"
need_tool objdump perl
read_build unit unit-operand.c "$top/postlink/operand.c" || exit

# sizes FILE: "ADDRESS BYTES" of each operand relative to %rip, by objdump.
sizes() {
	objdump -d -w -M intel --no-show-raw-insn "$1" | perl -ne '
		BEGIN { %n = (BYTE => 1, WORD => 2, DWORD => 4, FWORD => 6, QWORD => 8, TBYTE => 10, XMMWORD => 16,
			      YMMWORD => 32, ZMMWORD => 64); }
		print "$1 $n{$2}\n" if /^ *([0-9a-f]+):.*\b([A-Z]+) (?:PTR|BCST) (?:[a-z]s:)?\[rip/ and $n{$2};'
}

# enough NAME LEAST FILE: no operand is taken for smaller, one in fifty at most for larger; at least LEAST are compared.
enough() {
	sizes "$3" | sort >wanted
	run ./unit "$3"
	sort <<<"$out" >seen
	join wanted seen >both
	is "$(awk '$3 < $2' both | head -5)" '' "$1: none is smaller"
	ok "$1: few are larger" awk '{ n++; larger += $3 > $2 } END { exit n < 1 || larger * 50 > n }' both
	ok "$1: at least $2 operands" test "$(wc -l <both)" -ge "$2"
}

cat >stream.cc <<'END'
#include <iostream>
#include <regex>
#include <string>
int main(int, char **argv) { std::cout << std::regex_replace(std::string(argv[0]), std::regex("a+"), "b"); }
END
$CXX -static -O1 stream.cc -Wl,--emit-relocs -o libraries || exit
enough 'static libraries' 2000 libraries
cat >all.c <<'END'
#define N 64
#define LOOP(T, n, e) T a##n[N], b##n[N], c##n[N]; \
	void f##n(void) { for (int i = 0; i < N; i++) { T x = a##n[i], y = b##n[i]; c##n[i] = e; } }
#define ONE(T, n, e) T s##n; __attribute__((noipa)) T g##n(T x) { return e; } \
	__attribute__((noipa)) void h##n(T x) { s##n += x * 3 + (T)7.5; }
LOOP(float, 1, x * y + 3.5f) LOOP(double, 2, x > 2.5 ? y / x : y * 1.25) LOOP(int, 3, x * 77 + (y ^ 0x5555))
LOOP(short, 4, x * 300 + y) LOOP(unsigned char, 5, x > 77 ? y : x + 3) LOOP(long, 6, (x << 3) | (y & 0x1234567))
ONE(float, 1, x * 1.5f - (int)x) ONE(double, 2, x / 2.5 + (long)x) ONE(long double, 3, x * 3.25L + (short)x)
ONE(int, 4, x / 7 + s4) ONE(short, 5, x * s5) ONE(char, 6, x ^ s6) ONE(long, 7, x % s7) ONE(_Bool, 8, x && s8)
long double mixed(long double x) { return x * s2 + s1 - s4 * x / s7; }
#ifdef __AVX512F__
void widen(void) { __asm__("vcvtps2pd s1(%rip){1to8}, %zmm0\n\tvcvtdq2pd s4(%rip){1to8}, %zmm1"); }
#endif
int main(void) { f1(); f2(); f3(); f4(); f5(); f6(); return c3[1]; }
END
for march in x86-64 haswell skylake-avx512; do
	$CC -O3 -march=$march all.c -Wl,--emit-relocs -o all || exit
	enough "$march" 60 all
done
done_testing

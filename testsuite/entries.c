/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions whose first instructions differ in kind, for plugin-entries.t: called once each, exit status 0. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEEP __attribute__((noinline, noclone))

static jmp_buf env;
static int g[10];
volatile int v;
static __thread int tl;

KEEP void empty(void) { }
KEEP void nothing(void) { __builtin_unreachable(); }
KEEP int one(int a) { return a; }
KEEP int self(int n) { if (n < 2) return 1; v++; return self(n - 1) + self(n - 2); }
KEEP int tail(int n, int a) { if (!n) return a; v = n; return tail(n - 1, a + n); }
KEEP int loop(int *p) { do *p -= 3; while (*p > 0); return *p; }
KEEP void loop_first(void) { do v--; while (v > 0); }
KEEP void loop_call(void) { do puts("-"); while (v-- > 0); }
KEEP void spin(void) { for (;;) if (v++ > 10) exit(0); }
KEEP int jumps(int n) { top: if (n > 3) { n -= v + 1; goto top; } return n; }
KEEP void asm_first(void) { asm volatile("cld\n\tnop" ::: "memory"); }
KEEP int asm_goto(int a) { asm goto("" : : "r"(a) : : zero); return 1; zero: return 0; }
KEEP double floats(double a, double b) { return a * b + a; }
KEEP int divide(int a, int b) { return a / b; }
KEEP long extend(int a) { return a; }
KEEP void jumper(void) { longjmp(env, 1); }
KEEP void *frame(void) { return __builtin_frame_address(0); }
KEEP void *copy(void *d, const void *s, unsigned long n) { return __builtin_memcpy(d, s, n); }
KEEP int exchange(int *p) { return __sync_val_compare_and_swap(p, 1, 2); }
KEEP __int128 wide(__int128 a) { return a * 3; }
KEEP int swapped(int a, int b) { return one(b) - one(a); }
KEEP void zero(void) { memset(g, 0, sizeof g); }
KEEP __attribute__((cold)) void is_cold(void) { v++; }
KEEP __attribute__((hot)) void is_hot(void) { v++; }
KEEP __attribute__((aligned(64))) void is_aligned(void) { v++; }
KEEP __attribute__((section("own_text"))) void in_section(void) { v++; }
KEEP __attribute__((section("own_text"))) void in_section_too(void) { v++; one(2); }
KEEP __attribute__((ms_abi)) int is_ms_abi(int a, int b) { return a - b; }
KEEP __attribute__((optimize("O0"))) int is_o0(int a) { return a + 1; }
KEEP __attribute__((optimize("Os"))) int is_os(int a) { return a + 1; }
KEEP __attribute__((noreturn)) void die(void) { exit(0); }
KEEP int tls(void) { return tl; }
KEEP int *tls_address(void) { return &tl; }
KEEP int nested(int a) { int in(int b) { return a + b; } int (*volatile p)(int) = in; return p(3) + in(4); }
__attribute__((constructor)) static void before(void) { v = 1; }
__attribute__((destructor)) static void after(void) { v = 1; }
static int chosen(void) { return 5; }
static int (*choose(void))(void) { return chosen; }
int indirect(void) __attribute__((ifunc("choose")));

KEEP int variadic(int n, ...)
{
	va_list ap;
	int s = 0;

	for (va_start(ap, n); n--; s += va_arg(ap, int))
		;
	va_end(ap);
	return s;
}

KEEP long big_frame(long a)
{
	char b[100000];

	memset(b, a, sizeof b);
	asm volatile("" : : "r"(b) : "memory");
	return b[a];
}

KEEP int table(int a)
{
	switch (a) {
	case 0: return 4;
	case 1: return 9;
	case 2: return v;
	case 3: puts("3"); return 2;
	case 4: return 77;
	case 5: return 9;
	case 6: v = 1; return 7;
	default: return 0;
	}
}

KEEP int rare(int a)
{
	if (__builtin_expect(a > 1000, 0)) {
		puts("1");
		v += 3;
		is_cold();
		puts("2");
	}
	return a;
}

int main(int argc, char **argv)
{
	int x = 5, y;

	(void)argv;
	empty(), self(5), tail(4, 1), v = 9, loop(&x), loop_first(), loop_call(), v = 9, jumps(9), asm_first(), asm_goto(1);
	variadic(2, 3, 4), floats(1, 2), big_frame(3), divide(4, 2), extend(3), frame(), copy(&y, &x, 4), exchange(&y);
	if (!setjmp(env))
		jumper();
	wide(4), swapped(1, 2), zero(), table(argc), is_cold(), is_hot(), is_aligned(), in_section(), in_section_too();
	is_ms_abi(1, 2), is_o0(1), is_os(1), rare(argc), tls(), tls_address(), nested(1), indirect(), v = 0;
	if (argc > 5)
		nothing(), die();
	spin();
}

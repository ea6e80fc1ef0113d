#include <complex.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <uchar.h>

/* Types and attributes that are rare: each function changes, and what it keeps stays. */
struct bits { unsigned low : 3, high : 5; signed int sign : 4; };
union both { double d; unsigned long u; };
struct many { int n; short items[]; };

static struct bits bits = { 1, 2, -3 };
static _Atomic int count = 5;
static __int128 large = (__int128)1 << 70;
static double complex turn = 1.0 + 2.0 * I;
static struct many few = { 2, { 7, 8 } };
static int lined[4] __attribute__((aligned(64))) = { 1, 2, 3, 4 };
static int maybe(void) __attribute__((weakref("nowhere_defined")));

#define KIND(x) _Generic((x), int: 1, double: 2, default: 3)

__attribute__((noipa)) static int fields(int n) { bits.low += n; return bits.low * 100 + bits.high * 10 + bits.sign; }
__attribute__((noipa)) static unsigned long cast(double d) { union both b = { .d = d }; return b.u >> 52; }
__attribute__((noipa)) static int counted(void) { return atomic_fetch_add(&count, 2); }
__attribute__((noipa)) static __int128 grown(int n) { return large += n; }
__attribute__((noipa)) static double complex turned(double complex z) { return turn *= z; }
__attribute__((noipa)) static int flexible(int i) { return few.items[i]++ + few.n; }
__attribute__((noipa)) static int aligned(int i) { return lined[i & 3]++ + (int)((size_t)lined & 63); }
__attribute__((noipa)) static int weak(int n) { return maybe ? maybe() : n; }
__attribute__((noipa)) static const char16_t *two(int n) { return n > 0 ? u"short" : u"other"; }
__attribute__((noipa)) static const char32_t *four(int n) { return n > 0 ? U"wide" : U"else"; }
__attribute__((noipa)) static int kind(int n) { return KIND(n) + 10 * KIND(1.0); }

__attribute__((noipa, optimize("O1"))) static int own_options(int n) { return n * 3; }

__attribute__((target_clones("avx2", "default"))) int cloned(const int *p, int n)
{
	int sum = 0;

	for (int i = 0; i < n; i++)
		sum += p[i] * 2;
	return sum;
}

void hp_wait(void);

static void show(void)
{
	double complex z = turned(2.0 - I);

	printf("%d %lu %d %ld %g%+gi ", fields(1), cast(3.5), counted(), (long)(grown(3) >> 64), creal(z), cimag(z));
	printf("%d %d %d %x %x %d %d ", flexible(1), aligned(2), weak(4), two(1)[0], (unsigned)four(1)[0], kind(1), own_options(5));
	printf("%d\n", cloned(lined, 4));
}

int main(void)
{
	show();
	hp_wait();
	show();
	return 0;
}

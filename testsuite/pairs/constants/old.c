#include <stdio.h>

/* Constants that live in memory: floating, long double, vectors; and a table that changed and unchanged code share. */
typedef float v4 __attribute__((vector_size(16)));
typedef int i8 __attribute__((vector_size(32)));

static const int shared[] = { 2, 3, 5, 7, 11, 13, 17, 19 };
static const short own[] = { 1, 2, 3, 4 };

double __attribute__((noipa)) real(double x) { return x * 1.5 + 0.1; }
long double __attribute__((noipa)) extended(long double x) { return x + 3.25L; }
v4 __attribute__((noipa)) vector(v4 x) { return x * (v4){ 1, 2, 3, 4 }; }
float __attribute__((noipa)) same(float x) { return x * 1.5f - 0.1f; }

int __attribute__((noipa)) wide(int n)
{
	i8 a = { 1, 2, 3, 4, 5, 6, 7, 8 }, b = a * n;

	return b[n & 7];
}

const int *__attribute__((noipa)) where(void) { return shared; }

int __attribute__((noipa)) look_up(const int *p, int n)
{
	return shared[n] + (p == shared);
}

int __attribute__((noipa)) look_own(int n) { return own[n] + (int)sizeof own; }

int main(void)
{
	v4 v = vector((v4){ 1, 1, 1, 1 });

	printf("%g %Lg %g\n", real(2), extended(1), (double)same(3));
	printf("%g %g %d\n", (double)v[0], (double)v[3], wide(2));
	printf("%d %d\n", look_up(where(), 3), look_own(2));
	return 0;
}

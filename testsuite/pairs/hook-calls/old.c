#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef double wide __attribute__((vector_size(32)));

static int version = 1;

/* Arguments in all sorts of registers. */
double __attribute__((noipa)) mixed(int a, double b, long c, float d, char *e, long f, long g, long h, double i)
{
	return version * (a + b + c + d + e[0] + f + g + h + i);
}

double __attribute__((noipa, target("avx"))) across(wide w)
{
	return version + w[0] + w[1] + w[2] + w[3];
}

double __attribute__((noipa)) variadic(int n, ...)
{
	double sum = 0;
	va_list ap;

	va_start(ap, n);
	while (n--)
		sum += va_arg(ap, double);
	va_end(ap);
	return sum * version;
}

/* Unchanged, and calls what changed. */
double __attribute__((noipa)) through(void)
{
	return variadic(2, 1.5, 2.5);
}

double __attribute__((noipa, target("avx"))) widely(void)
{
	return across((wide){ 1, 2, 3, 4 });
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "wide") && __builtin_cpu_supports("avx"))
		printf("%g\n", widely());
	else
		printf("%g\n", mixed(1, 2.5, 3, 4.5f, "a", 5, 6, 7, 8.5));
	printf("%g %g\n", variadic(3, 1.5, 2.5, 3.5), through());
	version += argc > 9;
	return 0;
}

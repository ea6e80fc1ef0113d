#include <alloca.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Computed goto, nested functions with a trampoline, variadic, struct by value, alloca, setjmp, tail calls. */
struct large { long v[5]; };
struct two { double d; int i; };

int __attribute__((noipa)) machine(const unsigned char *code)
{
	static const void *const table[] = { &&stop, &&add, &&twice };
	int n = 1;

	goto *table[*code++];
add:
	n += 3;
	goto *table[*code++];
twice:
	n *= 2;
	goto *table[*code++];
stop:
	return n;
}

static int __attribute__((noipa)) apply(int (*f)(int), int n) { return f(n) + f(n + 1); }

int __attribute__((noipa)) nested(int k)
{
	int inner(int n) { return n * k; }

	return apply(inner, 3);
}

int __attribute__((noipa)) variadic(int n, ...)
{
	va_list ap;
	double sum = 0;

	va_start(ap, n);
	for (int i = 0; i < n; i++)
		sum += va_arg(ap, double);
	va_end(ap);
	return (int)sum;
}

struct large __attribute__((noipa)) by_value(struct large l, struct two t)
{
	l.v[4] += t.i + (long)t.d;
	return l;
}

int __attribute__((noipa)) on_stack(int n)
{
	char *p = alloca(n + 1);

	memset(p, 'a', n);
	p[n] = 0;
	return printf("%s\n", p);
}

static jmp_buf back;

static void __attribute__((noipa)) jump(int n)
{
	longjmp(back, n);
}

int __attribute__((noipa)) jumps(int n)
{
	volatile int seen = 1;
	int got = setjmp(back);

	if (!got) {
		seen = n;
		jump(n);
	}
	return got * 100 + seen;
}

int __attribute__((noipa)) last(int n) { return n + 1; }
int __attribute__((noipa)) tail(int n) { return last(n * 2); }

int main(void)
{
	struct large l = by_value((struct large){{ 1, 2, 3, 4, 5 }}, (struct two){ 2.5, 3 });

	printf("%d\n", machine((const unsigned char *)"\1\2\1\0"));
	printf("%d %d %ld\n", nested(5), variadic(3, 1.0, 2.0, 3.5), l.v[4] + l.v[0]);
	on_stack(7);
	printf("%d %d\n", jumps(3), tail(4));
	return 0;
}

#include <stdarg.h>
#include <stdio.h>

/* Registers, stack, floating point, structures by value: all must survive the way to the new code. */
struct point { double x, y; long tag; char name[8]; };

double __attribute__((noipa)) mix(int a, double b, float c, long d, int e, int f, int g, int h, double i, struct point p)
{
	return a + b + c + d + e + f + g + h + i + p.x + p.y + p.tag - p.name[0] * 0.5;
}

struct point __attribute__((noipa)) mirror(struct point p)
{
	p.x = -p.y;
	return p;
}

int __attribute__((noipa)) sum(int n, ...)
{
	va_list ap;
	double total = 0;

	va_start(ap, n);
	while (n--)
		total += 2 * va_arg(ap, double);
	va_end(ap);
	return printf("sum %.2f\n", total);
}

int main(void)
{
	struct point p = { 1.5, 2.5, 3, "abc" };

	printf("mix %.2f\n", mix(1, 2.25, 3.5f, 4, 5, 6, 7, 8, 9.75, p));
	p = mirror(p);
	printf("mirror %.2f %.2f %ld %s\n", p.x, p.y, p.tag, p.name);
	sum(3, 1.0, 2.0, 3.5);
	return 0;
}

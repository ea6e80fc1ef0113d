#include <cstdarg>
#include <cstdio>

// Functions that are called through thunks: variable arguments, a covariant result, a virtual base.
struct first { virtual ~first() {} int a = 1; };
struct adder { virtual int sum(int n, ...) = 0; int b = 2; };
struct variadic : first, adder { int sum(int n, ...) override; int c = 3; };

__attribute__((noipa)) int variadic::sum(int n, ...)
{
	va_list ap;
	int s = c;

	va_start(ap, n);
	while (n--)
		s += va_arg(ap, int);
	va_end(ap);
	return s;
}

struct part { virtual ~part() {} int p = 1; };
struct whole : first, part { int q = 3; };
struct maker { virtual ~maker() {} virtual part *make() = 0; };
struct covariant : first, maker { whole made; whole *make() override; };

__attribute__((noipa)) whole *covariant::make()
{
	made.p = 10;
	return &made;
}

struct base { virtual ~base() {} virtual int f() { return 0; } int x = 1; };
struct left : virtual base { int y = 2; };
struct right : virtual base { int z = 3; };
struct join : left, right { int f() override; };

__attribute__((noipa)) int join::f() { return x + y + z; }

extern "C" void hp_wait(void);

__attribute__((noipa)) static void show(adder *a, maker *m, base *b)
{
	std::printf("%d %d %d\n", a->sum(3, 1, 2, 3), m->make()->p, b->f());
}

int main()
{
	variadic v;
	covariant c;
	join j;

	show(&v, &c, &j);
	hp_wait();
	show(&v, &c, &j);
}

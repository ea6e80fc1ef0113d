#include <cassert>
#include <cstdio>
/* One line more. */
#include <string>
#include <vector>

struct site { const char *file; int line; };

/* What C++ starts at run time, and what members start with. */
struct registrar {
	const char *name;
	int line;
	registrar(const char *n, int l) : name(n), line(l) { assert(l); all().push_back(this); }
	static std::vector<registrar *> &all() { static std::vector<registrar *> v; return v; }
};
#define REGISTER(n) static registrar reg_##n(#n, __LINE__)

REGISTER(one);

REGISTER(two);

struct checked {
	int made = __LINE__;
	int n;
	checked(int m) : n(m) {}

	checked() : n(1) { assert(made); }
};

namespace {
#define HERE() ([]() -> const site * { static const site s = { __FILE__, __LINE__ }; return &s; }())

template <class T> T __attribute__((noinline)) half(T n)
{
	static int calls = __LINE__ > 0;
	assert(n >= T());
	calls += HERE()->line > 0;
	return n / 2 + calls;
}
}

/* Two lines
 * more. */
static int __attribute__((noipa)) seen(const checked &c) { return c.made > c.n; }

static int __attribute__((noipa)) work(int n)
{
	auto look = [n](int m) { assert(m != n); return checked(m).made > 0 ? m : n; };

	return seen(checked(n)) + look(n + 1) + half(n) + half(1.0 * n) + checked().n + (HERE()->line > 0);
}

int main()
{
	int n = 0;

	for (auto r : registrar::all())
		n += r->line > 0;
	return std::printf("%d %d\n", work(4), n) < 0;
}

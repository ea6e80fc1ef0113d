#include <cstdio>

static int start() { return 3; }
struct counter { int n; counter(int i) : n(i) { std::printf("counter %d\n", n); } };

static counter first(start());

static counter second(start());

int main()
{
	std::printf("%d\n", first.n + second.n);
}

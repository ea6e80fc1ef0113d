#include <cstdio>
#include <utility>

/* Of such small functions the arena holds more than it has unwind slots; those with a cleanup can't share one. */
int depth;

struct guard {
	guard() { depth++; }
	~guard() { depth--; }
};

__attribute__((noipa)) int number(int n)
{
	if (n < 0)
		throw n;
	return n;
}

template <int N> __attribute__((noipa)) int get()
{
	guard g;
	return number(N) + 1;
}

template <int... N> int sum(std::integer_sequence<int, N...>) { return (get<N>() + ...); }

int main() { return printf("%d\n", sum(std::make_integer_sequence<int, 200>())) < 0; }

#include <cmath>
#include <cstdio>

[[gnu::noipa]] int half(int n)
{
	if (n % 2)
		throw n;
	return n / 2;
}

struct Guard {
	~Guard() { std::puts("left"); }
};

// The first cleanup of the program goes on with _Unwind_Resume() of libgcc_s, and cbrt() is of libm: OLD needs neither itself.
[[gnu::noipa]] double sum(int n)
{
	Guard g;

	return half(n) + std::cbrt(half(n + 2));
}

int main()
{
	for (int i = 2; i < 4; i++)
		try {
			std::printf("%.2f\n", sum(i));
		} catch (int k) {
			std::printf("caught %d\n", k);
		}
}

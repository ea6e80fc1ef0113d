#include <cstdio>

[[gnu::noipa]] int half(int n)
{
	if (n % 2)
		throw n;
	return n / 2;
}

[[gnu::noipa]] double sum(int n)
{
	return half(n) + half(n + 2);
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

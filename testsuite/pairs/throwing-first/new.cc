#include <cstdio>
#include <stdexcept>

// The first exception of a static program: it brings the unwinder, and a constructor of libstdc++.a (the memory of last resort).
[[gnu::noipa]] int at(const int *table, int n)
{
	if (n > 2)
		throw std::out_of_range("at");
	return table[n];
}

[[gnu::noipa]] void show(int n)
{
	static const int table[] = { 10, 20, 30, 4444 };
	char text[20];

	try {
		std::sprintf(text, "%d", at(table, n));
		std::puts(text);
	} catch (const std::exception &e) {
		std::puts(e.what());
	}
}

int main()
{
	show(1);
	show(3);
}

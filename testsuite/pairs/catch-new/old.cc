#include <cstdio>
#include <stdexcept>
#include <string>

struct Old { int n; };

[[gnu::noipa]] void raise(int n)
{
	if (n == 1)
		throw Old{n};
	if (n == 2)
		throw std::invalid_argument("two");
	std::printf("none %d\n", n);
}

[[gnu::noipa]] void pass(int n)
{
	raise(n);
}

[[gnu::noipa]] void handle(int n)
{
	try {
		pass(n);
	} catch (const Old &o) {
		std::printf("old %d\n", o.n);
	} catch (const std::exception &e) {
		std::printf("std %s\n", e.what());
	} catch (...) {
		std::puts("any");
	}
}

int main()
{
	for (int i = 0; i < 6; i++)
		handle(i);
}

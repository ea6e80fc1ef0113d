#include <cstdio>
#include <stdexcept>
#include <string>

struct Old { int n; };

// Types of its own and of the library, which OLD never names: no place for them is in the program at a fixed address.
struct Fresh : std::runtime_error {
	Fresh() : runtime_error("fresh") {}
	const char *what() const noexcept override { return "Fresh!"; }
};

struct Guard {
	const char *name;
	~Guard() { std::printf("left %s\n", name); }
};

[[gnu::noipa]] void raise(int n)
{
	if (n == 1)
		throw Old{n};
	if (n == 2)
		throw std::invalid_argument("two");
	if (n == 3)
		throw Fresh();
	if (n == 4)
		throw std::string("four");
	if (n == 5)
		throw "five";
	std::printf("none %d\n", n);
}

// It had nothing to catch and nothing to clean up.
[[gnu::noipa]] void pass(int n)
{
	Guard g{"pass"};

	try {
		raise(n);
	} catch (const std::logic_error &e) {
		std::printf("logic %s\n", e.what());
	}
}

[[gnu::noipa]] void handle(int n)
{
	try {
		pass(n);
	} catch (const Old &o) {
		std::printf("old %d\n", o.n);
	} catch (const Fresh &f) {
		std::puts(f.what());
	} catch (const std::string &s) {
		std::puts(s.c_str());
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

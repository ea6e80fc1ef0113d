#include <cstdio>
#include <stdexcept>
#include <string>

// Thrown in patched code, passing through patched code with a destructor to run, caught in patched and in old code.
struct Guard {
	const char *name;
	explicit Guard(const char *n) : name(n) {}
	~Guard() { std::printf("~%s\n", name); }
};

[[gnu::noipa]] int raise(int n)
{
	if (n > 0)
		throw std::runtime_error("new limit " + std::to_string(n));
	return n;
}

[[gnu::noipa]] int through(int n)
{
	Guard g("new");
	return raise(n) + 1;
}

[[gnu::noipa]] int catcher(int n)
{
	try {
		return through(n);
	} catch (const std::exception &e) {
		std::printf("caught new: %s\n", e.what());
		if (n > 8)
			throw;
		return -1;
	}
}

int main()
{
	std::printf("%d\n", catcher(1));
	std::printf("%d\n", catcher(5));
	try {
		catcher(9);
	} catch (const std::runtime_error &e) {
		std::printf("main: %s\n", e.what());
	}
	return 0;
}

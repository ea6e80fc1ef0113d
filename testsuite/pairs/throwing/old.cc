#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>

// An exception goes from old through new to old code, is rethrown there, comes back, and cleanups run in each.
struct Mine : std::runtime_error { using std::runtime_error::runtime_error; };
struct Note {
	const char *s;
	~Note() { std::printf("~%s ", s); }
};

int __attribute__((noipa)) deepest(int n)        // old
{
	Note note{"deepest"};

	if (n == 1)
		throw Mine("mine");
	if (n == 2)
		throw 42;
	return n;
}

int __attribute__((noipa)) passes(int n)         // new: only a cleanup
{
	Note note{"old"};

	return deepest(n) + 1;
}

int __attribute__((noipa)) rethrows(int n)       // old: catches and throws again
{
	try {
		return passes(n);
	} catch (const Mine &m) {
		std::printf("[%s] ", m.what());
		throw;
	}
}

int __attribute__((noipa)) filters(int n)        // new: catches one kind, throws another
{
	try {
		return rethrows(n);
	} catch (int i) {
		throw std::string("old ") + std::to_string(i);
	} catch (const std::exception &e) {
		std::printf("old saw %s ", e.what());
		throw;
	}
}

int __attribute__((noipa)) quiet(int n) noexcept // new
{
	std::exception_ptr kept;

	try {
		return filters(n);
	} catch (const std::string &s) {
		std::printf("%s ", s.c_str());
	} catch (...) {
		kept = std::current_exception();
	}
	try {
		if (kept)
			std::rethrow_exception(kept);
	} catch (const std::logic_error &) {
		return -2;
	} catch (const std::runtime_error &e) {
		return -3;
	}
	return -1;
}

int main()
{
	for (int n = 0; n < 3; n++)
		std::printf("%d\n", quiet(n));
}

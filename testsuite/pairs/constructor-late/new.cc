#include <cstdio>
#include <string>
#include <vector>

// NEW brings a table that is made at run time, and its unit had no constructor before.
static const std::vector<std::string> known = { "file", "socket", "a name that is too long for its object" };

[[gnu::noipa]] int find(const char *what)
{
	if (!*what)
		throw 1;
	for (size_t i = 0; i < known.size(); i++)
		if (known[i] == what)
			return i;
	return -1;
}

[[gnu::noipa]] void fail(int n)
{
	try {
		throw n;
	} catch (int) {
		std::puts("caught");
	}
}

int main(int argc, char **)
{
	for (const char *what : { "file", "socket", "pipe" })
		std::printf("%s %d\n", what, find(what));
	fail(argc);
}

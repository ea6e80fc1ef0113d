#include <cstdio>
#include <string>
#include <vector>

[[gnu::noipa]] int find(const char *what)
{
	if (!*what)
		throw 1;
	return *what;
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

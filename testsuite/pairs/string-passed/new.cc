#include <cstdio>
#include <string>

[[gnu::noipa]] void show(const std::string &s)
{
	std::printf("%zu %s\n", s.size(), s.c_str());
}

// Both ends of the literal are passed, which OLD has, too: one by a label, the other, with -flto, without.
[[gnu::noipa]] void greet(int n)
{
	std::string a = "hello", b = "good morning, all of you";

	show(n ? a : b);
	show(n ? b : a);
}

int main()
{
	greet(0);
	greet(1);
}

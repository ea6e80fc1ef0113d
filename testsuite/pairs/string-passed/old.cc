#include <cstdio>
#include <string>

[[gnu::noipa]] void show(const std::string &s)
{
	std::printf("%zu %s\n", s.size(), s.c_str());
}

[[gnu::noipa]] void greet(int n)
{
	std::string a = "hello", b = "good morning, all of you";

	show(n ? a : b);
}

int main()
{
	greet(0);
	greet(1);
}

#include <cstdio>
#include <string>

__attribute__((noipa)) static int length(const char *s)
{
	return std::string(s).size();
}

int main()
{
	std::printf("%d\n", length("hello") + length("you"));
}

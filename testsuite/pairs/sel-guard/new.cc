#include <cstdio>
#include <string>

__attribute__((noipa)) static int length(const char *s)
{
	static std::string longest;

	if (std::string(s).size() > longest.size())
		longest = s;
	return longest.size();
}

int main()
{
	std::printf("%d\n", length("hello") + length("you"));
}

/* The code holds two addresses of one literal, its start and its end. */
#include <cstdio>
#include <string>

__attribute__((noinline)) static std::string word(int n)
{
	return n ? n > 5 ? "plenty of it" : "fresh" : "none";
}

int main()
{
	printf("%s %s\n", word(0).c_str(), word(1).c_str());
}

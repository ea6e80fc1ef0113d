// The unit's constructor is named after its first function, whose parameters change.
#include <iostream>
#include <map>
#include <string>

static std::map<int, std::string> names = { { 1, "one" }, { 2, "two" } };

struct Last {
	int n = 3;
	~Last() { std::cout << "last " << n << std::endl; }
} last;

__attribute__((noinline)) int limit(int n)
{
	return n + names.size();
}

int main()
{
	std::cout << "limit " << limit(5) << " of " << names[2] << std::endl;
	return 0;
}

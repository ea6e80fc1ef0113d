// Nobody in OLD sets the streams up.
#include <cstdio>
#include <string>

__attribute__((noinline)) int limit(int n)
{
	return n;
}

int main()
{
	printf("limit %s\n", std::to_string(limit(5) + 40000000).c_str());
	return 0;
}

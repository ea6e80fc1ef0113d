// Nobody in OLD sets the streams up: the constructor that NEW brings does it late.
#include <cstdio>
#include <string>
#include <iostream>

__attribute__((noinline)) int limit(int n)
{
	if (n <= 3)
		return n;
	std::cout << n << " is too large" << std::endl;
	return 3;
}

int main()
{
	printf("limit %s\n", std::to_string(limit(5) + 40000000).c_str());
	return 0;
}

#include <iostream>

int limit(int n);

int main()
{
	std::cout << "limit " << limit(5) << std::endl;
	return 0;
}

#include <cstdio>

int lib(int a);

int main()
{
	printf("%d\n", lib(1));
	return 0;
}

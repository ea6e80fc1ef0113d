#include <unistd.h>

int side(int n) { return n + 5; }
int height(int n) { return 2 * n; }
static int (*taken)(int) = side;

int area(int n)
{
	return side(n) + height(n) + 2 * (taken == side) + getpagesize() * getdtablesize();
}

int total(int n)
{
	return area(n) + height(1) + taken(1);
}

#include <unistd.h>

int side(int n) { return n; }
int height(int n) { return 2 * n; }
static int (*taken)(int) = side;

int area(int n)
{
	return side(n) + (taken == side) + getpagesize();
}

int total(int n)
{
	return area(n) + 1;
}

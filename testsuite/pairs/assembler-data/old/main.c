#include <stdio.h>

int sum(int), calls(void);
extern int limit;

__attribute__((noipa)) static int work(int n)
{
	return sum(n) + limit;
}

int main(void)
{
	int n = work(0x105);

	printf("%d after %d calls\n", n, calls());
}

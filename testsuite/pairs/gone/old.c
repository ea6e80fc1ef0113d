#include <stdio.h>

static int __attribute__((noipa)) audit(int n) { return printf("audit %d\n", n); }

int __attribute__((noipa)) work(int n)
{
	static int audits;

	audits += audit(n);
	return printf("work %d %d\n", n, audits);
}

int main(void)
{
	work(1);
	return 0;
}

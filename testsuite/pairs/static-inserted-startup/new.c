#include <stdio.h>

/* Which of two is the old one can't be told; in a program that starts it does not matter. */
__attribute__((noinline, noclone)) static int next(int i)
{
	if (i < 2) {
		static int calls = 3;
		return ++calls;
	} else {
		static int calls = 10;
		return calls += 2 * i;
	}
}

int main(int argc, char **argv)
{
	int a = next(argc), b = next(argc + 1), c = next(argc), d = next(argc + 2);

	(void)argv;
	printf("%d %d %d %d\n", a, b, c, d);
	return 0;
}

#include <stdio.h>

__attribute__((noinline, noclone)) static int next(int i)
{
	if (i < 2) {
		static int calls;
		i += calls++;
	} else {
		static int calls;
		return calls += 2 * i;
	}
	return i;
}

int main(int argc, char **argv)
{
	(void)argv;
	printf("%d %d %d\n", next(argc), next(argc + 1), next(argc + 2));
	return 0;
}

#include <stdio.h>

/* A table that the linker gathers, which OLD does not have at all. */
static const int one __attribute__((section("numbers"), used)) = 1;
static const int two __attribute__((section("numbers"), used)) = 2;

extern const int __start_numbers[], __stop_numbers[];

int main(void)
{
	int sum = 0;

	for (const int *n = __start_numbers; n < __stop_numbers; n++)
		sum += *n;
	printf("%d\n", sum);
	return 0;
}

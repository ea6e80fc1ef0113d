#include <stdio.h>

/* Code asks whether an address is of a section. */
#define GUARDED __attribute__((section("guarded"), noipa))

extern const char __start_guarded[], __stop_guarded[];

__attribute__((noipa)) static int is_guarded(const char *at) { return at >= __start_guarded && at < __stop_guarded; }

GUARDED int caller(void) { return is_guarded(__builtin_return_address(0)); }

GUARDED int work(void)
{
	return caller() + 5;
}

int main(void)
{
	printf("%d\n", work());
	return 0;
}

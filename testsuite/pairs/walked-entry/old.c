#include <stdio.h>

/* An entry of a table that the linker gathers changes where it stands. */
struct limit { char name[4]; int most; };

#define LIMIT(name, most) \
	static const struct limit name##_limit __attribute__((section("limits"), used)) = { #name, most }

LIMIT(one, 10);
LIMIT(two, 20);

extern const struct limit __start_limits[], __stop_limits[];
void hp_wait(void);

static int most(void)
{
	int sum = 0;

	for (const struct limit *l = __start_limits; l < __stop_limits; l++)
		sum += l->most;
	return sum;
}

int main(void)
{
	printf("%d\n", most());
	hp_wait();
	printf("%d\n", most());
	return 0;
}

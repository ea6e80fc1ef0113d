// A coroutine whose lines move calls a function of which GCC makes a clone for what it passes: the clone does not go on at lines.
#include <stdio.h>
#include <stdlib.h>

void hp_wait(void);

#define YIELD(x) do { r->at = __LINE__; return x; case __LINE__:; } while (0)

struct reader { int at, taken[4], full; };

static int log_of[16], logged;

static int __attribute__((noinline)) scan(int *taken, int *full, int scale, const char *name)
{
	int sum = 0;

	for (int i = 0; i < 4; i++) {
		sum += taken[i] * scale;
		if (sum > 100) {
			*full = 1;
			log_of[logged++ % 16] = sum;
		}
	}
	if (*name == 'x')
		puts(name);
	return sum;
}

__attribute__((noipa)) static int step(struct reader *r)
{
	switch (r->at) {
	case 0:
		if (scan(r->taken, &r->full, 7, "y") < 0)
			return -1;
		YIELD(1);
		if (scan(r->taken, &r->full, 7, "y") < 0)
			return -2;
		YIELD(2);
	}
	return r->full;
}

int main(void)
{
	struct reader *r = calloc(1, sizeof *r);

	r->taken[2] = 5;
	step(r);
	hp_wait();
	step(r);
	printf("%d\n", step(r));
	return 0;
}

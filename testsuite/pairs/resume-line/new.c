// A coroutine that keeps its line in an object: the fix gives the lines behind it the numbers that they had.
#include <stdio.h>
#include <stdlib.h>

void hp_wait(void);

#define BEGIN(v) { int *at = &(v); switch (*at) { case 0:;
#define END *at = 0; } }
#define YIELD(x) do { *at = __LINE__; return x; case __LINE__:; } while (0)

struct reader { int at, sum; };

__attribute__((noipa)) static int step(struct reader *r, int n)
{
	BEGIN(r->at);
	if (n > 5)
		n = 5;
#line 16
	r->sum = n;
	YIELD(1);
	r->sum += 10 * (n > 5 ? 5 : n);
	YIELD(2);
	r->sum += 100 * n;
	END;
	return r->sum;
}

int main(void)
{
	struct reader *r = calloc(1, sizeof *r);

	step(r, 9);
	hp_wait();
	step(r, 9);
	printf("%d\n", step(r, 9));
	return 0;
}

#include <stdio.h>

/* Objects keep the addresses of literals, which are told by them: "fast", by itself and as the end of another text. */
struct job { const char *mode, *state; };

__attribute__((noipa)) static void start(struct job *j, int n)
{
	j->mode = n > 1 ? "fast" : "slow and careful";
	j->state = n > 2 ? "not so fast" : "waiting";
}

__attribute__((noipa)) static int cost(const struct job *j)
{
	return j->mode == "fast" ? 1 : j->mode == "slow and careful" ? 20 : -1;
}

__attribute__((noipa)) static int waits(const struct job *j)
{
	return j->state == "waiting";
}

__attribute__((noipa)) static void show(const struct job *j)
{
	printf("%s, %s: %d %d\n", j->mode, j->state, cost(j), waits(j));
}

void hp_wait(void);

int main(void)
{
	struct job a, b, c;

	start(&a, 1);
	start(&b, 3);
	show(&a);
	show(&b);
	hp_wait();
	start(&c, 2);
	show(&a);
	show(&b);
	show(&c);
	return 0;
}

#include <stdio.h>

struct state {
	long total;
	int count;
	/* padding */
};

__attribute__((noipa)) static void init(struct state *s)
{
	s->total = s->count = 0;
}

__attribute__((noipa)) static void add(struct state *s, int n)
{
	s->total += n;
	s->count++;
}

int main(void)
{
	struct state s;

	init(&s);
	for (int i = 0; i < 3; i++)
		add(&s, i);
	printf("%ld\n", s.total / s.count);
}

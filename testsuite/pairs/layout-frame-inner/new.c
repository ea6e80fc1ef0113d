#include <stdio.h>
#include <string.h>

/* A struct that lives in frames, but only as a part of another one. */
struct limits { int least, step, most; };
struct reader { const char *at; struct limits limits; };

__attribute__((noipa)) static void begin(struct limits *l)
{
	l->least = 1;
	l->step = 1;
	l->most = 4;
}

__attribute__((noipa)) static int nested(struct reader *r)
{
	int depth = 0;

	for (; *r->at == '(' && depth < r->limits.most; r->at++)
		depth++;
	return depth < r->limits.least ? -1 : depth;
}

__attribute__((noipa)) static int parse(const char *text)
{
	struct reader r = { text, { 0, 0, 0 } };

	begin(&r.limits);
	return nested(&r);
}

int main(void)
{
	printf("%d\n", parse("((((()"));
}

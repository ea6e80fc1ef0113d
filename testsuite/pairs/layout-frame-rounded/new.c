#include <stdio.h>
#include <string.h>

/* The frame of keep() has room for both layouts, so its code is the same; what it hands on is not. */
struct reader {
	const char *at;
	long depth;
	long most;
	char pad[32];
	long limit;
};

__attribute__((noipa)) static void begin(struct reader *r, const char *text)
{
	r->at = text;
	r->depth = 0;
	r->most = 100;
	r->limit = 3;
}

__attribute__((noipa)) static int nested(struct reader *r)
{
	for (; *r->at == '(' && r->depth < r->limit; r->at++)
		r->depth++;
	return r->depth;
}

__attribute__((noipa)) static int keep(const char *text)
{
	struct reader r;

	begin(&r, text);
	return nested(&r) * 2;
}

int main(void)
{
	printf("%d\n", keep("((((()"));
	return 0;
}

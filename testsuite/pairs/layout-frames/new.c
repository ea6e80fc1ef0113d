#include <stdio.h>
#include <string.h>

struct reader {
	const char *at;
	long limit;
	int depth;
};

__attribute__((noipa)) static int nested(struct reader *r)
{
	for (; *r->at == '(' && r->depth < r->limit; r->at++)
		r->depth++;
	return r->depth;
}

__attribute__((noipa)) static int parse(const char *text)
{
	struct reader r;

	memset(&r, 0, sizeof r);
	r.at = text;
	r.limit = 3;
	return nested(&r);
}

int main(void)
{
	printf("%d\n", parse("((((()"));
}

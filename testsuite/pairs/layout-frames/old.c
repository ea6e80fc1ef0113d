#include <stdio.h>
#include <string.h>

struct reader {
	const char *at;
	int depth;
};

__attribute__((noipa)) static int nested(struct reader *r)
{
	for (; *r->at == '('; r->at++)
		r->depth++;
	return r->depth;
}

__attribute__((noipa)) static int parse(const char *text)
{
	struct reader r;

	memset(&r, 0, sizeof r);
	r.at = text;
	return nested(&r);
}

int main(void)
{
	printf("%d\n", parse("((((()"));
}

#include <stdio.h>
#include <stdlib.h>

struct session {
	const char *name;
	long cap;
	int len;
};

static struct session *sessions[4];

__attribute__((noipa)) static struct session *add(int i, const char *name)
{
	struct session *s = malloc(sizeof *s);

	*s = (struct session){ .name = name, .cap = 8, .len = i };
	return sessions[i] = s;
}

__attribute__((noipa)) static void show(const struct session *s)
{
	printf("%s %d of %ld\n", s->name, s->len, s->cap);
}

int main(void)
{
	show(add(1, "one"));
}

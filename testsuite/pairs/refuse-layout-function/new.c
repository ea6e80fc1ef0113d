#include <stdio.h>
#include <stdlib.h>

struct backend {
	int (*size)(const char *);
	int (*number)(const char *);
};

struct context { const struct backend *backend; };

__attribute__((noipa)) static int tcp_size(const char *text)
{
	return text[0];
}

__attribute__((noipa)) static int tcp_number(const char *text)
{
	return 2 * text[0];
}

static const struct backend tcp = { tcp_size, tcp_number };

__attribute__((noipa)) static struct context *make(void)
{
	struct context *c = malloc(sizeof *c);

	c->backend = &tcp;
	return c;
}

__attribute__((noipa)) static int reply(struct context *c)
{
	int length = c->backend->size("a");

	return c->backend->number("b") + length;
}

int main(void)
{
	struct context *c = make();

	printf("%d\n", reply(c));
	free(c);
}

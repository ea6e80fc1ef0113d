#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* All code is the same: a table says where the fields are, and one that lives has them elsewhere. */
struct settings { int port, limit; };

static struct option { const char *name; size_t place; } options[] = {
	{ "port", offsetof(struct settings, port) }, { "limit", offsetof(struct settings, limit) },
};

static struct settings settings;

__attribute__((noipa)) static int *field(struct settings *s, const char *name)
{
	for (size_t i = 0; i < 2; i++)
		if (!strcmp(options[i].name, name))
			return (int *)((char *)s + options[i].place);
	return NULL;
}

int main(void)
{
	*field(&settings, "port") = 80;
	printf("%d %d\n", *field(&settings, "port"), *field(&settings, "limit"));
	return 0;
}

#include <stdio.h>

struct ops {
	int (*open)(const char *);
	int (*read)(int, long);
};

__attribute__((noipa)) static int file_open(const char *name)
{
	return *name;
}

__attribute__((noipa)) static int file_read(int fd, long at)
{
	return fd + at;
}

static const struct ops file_ops = { file_open, file_read };
const struct ops *ops = &file_ops;

__attribute__((noipa)) static int first(const char *name)
{
	return ops->read(ops->open(name), 1);
}

int main(void)
{
	printf("%d\n", first("a"));
}

#include <stdio.h>
#include <stdlib.h>

/* A function with another name takes the place of one that an object holds. */
struct file { int (*read)(int); };

static struct file *file;

void hp_wait(void);

static int read_all(int n) { return n; }

__attribute__((noipa)) static void begin(void)
{
	file = malloc(sizeof *file);
	file->read = read_all;
}

int main(void)
{
	begin();
	printf("%d\n", file->read(9));
	hp_wait();
	printf("%d\n", file->read(9));
	begin();
	printf("%d\n", file->read(9));
	return 0;
}

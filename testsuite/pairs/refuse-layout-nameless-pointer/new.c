#include <stdio.h>
#include <stdlib.h>

/* Structs without a name, to which a variable or a field leads. */
struct queue {
	int n;
	struct {
		int first;
		int limit;
		int last;
	} *ends;
};

static struct {
	int id;
	int flags;
	int level;
} *user;
static struct queue *queue;

__attribute__((noipa)) static void begin(void)
{
	user = calloc(1, 32);
	user->level = 3;
	queue = calloc(1, sizeof *queue);
	queue->ends = calloc(1, 32);
	queue->ends->last = 7;
}

__attribute__((noipa)) static void show(void)
{
	printf("now ");
	printf("%d %d\n", user->level, queue->ends->last);
}

int main(void)
{
	begin();
	show();
	return 0;
}

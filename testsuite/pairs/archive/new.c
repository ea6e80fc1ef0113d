#include <getopt.h>
#include <search.h>
#include <stdio.h>

/* NEW takes more of the static C library, whose functions call and name each other without a relocation. */
static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static int total;

static void add(const void *node, VISIT visit, int depth)
{
	if (visit == postorder || visit == leaf)
		total = total * 10 + **(int *const *)node + depth * 0;
}

__attribute__((noipa)) static int work(int n)
{
	static const struct option options[] = { { "verbose", no_argument, NULL, 'v' }, { NULL, 0, NULL, 0 } };
	char *words[] = { "prog", "--verbose", NULL };
	int numbers[] = { 3, 1, n };
	void *root = NULL;

	for (int i = 0; i < 3; i++)
		tsearch(&numbers[i], &root, compare);
	twalk(root, add);
	return total * 1000 + getopt_long(2, words, "v", options, NULL);
}

int main(void)
{
	printf("%d\n", work(2));
	return 0;
}

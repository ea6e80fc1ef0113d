#include <assert.h>
#include <stdio.h>


/* Moved. */

/* One function changes below a comment that moves all lines: the patch holds that function and nothing else. */
struct site { const char *file; int line, hits; };

static struct site first = { __FILE__, __LINE__, 1 };
static int last_line;

#define COUNT(s) do { static struct site here = { __FILE__, __LINE__, 0 }; here.hits++; (s) += here.hits; } while (0)

static int __attribute__((noipa)) kept(int n)
{
	COUNT(n);
	last_line = __LINE__;
	assert(n > 0);
	return n + first.hits;
}

static int __attribute__((noipa)) edited(int n)
{
	COUNT(n);
	last_line = __LINE__;
	assert(n > 0);
	return n * 100;
}

int main(void)
{
	for (int i = 1; i < 4; i++)
		printf("%d %d\n", kept(i), edited(i));
	return last_line < 0;
}

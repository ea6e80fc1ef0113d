#include <assert.h>
#include <stdio.h>
/* One line more. */
#include <string.h>

/* Where values of __LINE__ stand besides in the code of a check. */
struct site { const char *file; int line, hits; };
struct caller { const char *func, *file; int line; unsigned char what; };

#define TEXT2(x) #x
#define TEXT(x) TEXT2(x)
#define PLACE __FILE__ ":" TEXT(__LINE__)
#define CALLER(w) ({ static const struct caller _ = { __func__, __FILE__, __LINE__, w }; &_; })
#define COUNT() do { static struct site here = { __FILE__, __LINE__, 0 }; here.hits++; last = &here; } while (0)

static struct site *last;
static int last_line;
static struct site first = { __FILE__, __LINE__, 1 };
static const struct site table[] = {
	{ "a", __LINE__, 1 },
	{ "b", __LINE__, 2 },
};

static void __attribute__((noipa)) called(const struct caller *c) { assert(c->line && c->what); }

static void __attribute__((noipa)) said(const char *text) { assert(strstr(text, ":")); }

/* A coroutine by switch. */
static int __attribute__((noipa)) next(int *state)
{
	switch (*state) {
	case 0:
		*state = __LINE__; return 1; case __LINE__:
		*state = __LINE__; return 2; case __LINE__:;
	}
	return 0;
}

/* Two lines
 * more. */
static int __attribute__((noipa)) work(int n)
{
	int state = 0;

	COUNT();

	called(CALLER(1));
	said("at " PLACE);
	last_line = __LINE__;
	while (next(&state)) {
		COUNT();
		called(CALLER(2));
		said(PLACE ": " PLACE);
		n++;
	}
	last_line = __LINE__;
	return n + last->hits + (last_line > 0) + (first.line < table[n & 1].line);
}

int main(void) { return printf("%d\n", work(3)) < 0; }

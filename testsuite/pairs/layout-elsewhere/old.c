#include <stddef.h>
#include <stdio.h>

/* What a header has for others: nothing here knows the layout of that struct. */
struct session { int id; };
struct session *session_open(void);
int session_id(const struct session *session);
int session_differs(struct session, struct session);
#define SESSIONS_SIZE(n) ((n) * sizeof(struct session))
typedef struct list { struct list *next; struct session *session; } list_t;

struct row { const char *name; size_t size; };

static const struct row rows[] = { { "int", sizeof(int) }, { "pointer", sizeof(struct session *) } };

static int __attribute__((noipa)) limit(int n)
{
	return n < 10 ? n : 10;
}

int main(void)
{
	printf("%d %s %zu\n", limit(11), rows[1].name, rows[1].size);
	return 0;
}

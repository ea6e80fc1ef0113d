#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What old code left behind a pointer, in a field or struct that now goes by another name, or as a number of a constant. */
typedef enum { IDLE, BUSY } mode;
struct text { char *bytes; long n; };
struct place { int x, y; };
struct node { int v; struct node *next; };
struct fragment { int start, end; };
struct session { const char *name; struct place at; struct fragment part; };

static short *counts;
static char **names;
static struct node *first;
static struct place here;
static struct session *session;
static mode now;

__attribute__((noipa)) static void begin(void)
{
	counts = calloc(4, sizeof *counts);
	names = calloc(4, sizeof *names);
	names[3] = strdup("name");
	first = calloc(1, sizeof *first);
	first->v = counts[3] = 3;
	session = calloc(1, sizeof *session);
	*session = (struct session){ strdup("session"), { 1, 2 }, { 4, 9 } };
	here.y = 5;
	now = BUSY;
}

__attribute__((noipa)) static void show(void)
{
	printf("%d %s %d %s %d %d %d %d\n", counts[3], names[3], first->v, session->name, session->at.y,
	       session->part.end - session->part.start + 1, here.y, now == BUSY);
}

int main(void)
{
	begin();
	show();
}

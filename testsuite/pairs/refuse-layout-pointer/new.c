#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What old code left behind a pointer, in a field or struct that now goes by another name, or as a number of a constant. */
typedef enum { STOPPED, IDLE, BUSY } mode;
struct text { char *bytes; long n; };
struct point { int y, x; };
struct entry { long weight; int v; struct entry *next; };
struct fragment { int start, length; };
struct session { struct text *name; struct point at; struct fragment part; };

static int *counts;
static struct text *names;
static struct entry *first;
static struct point here;
static struct session *session;
static mode now;

__attribute__((noipa)) static void begin(void)
{
	counts = calloc(4, sizeof *counts);
	names = calloc(4, sizeof *names);
	names[3].bytes = strdup("new name");
	first = calloc(1, sizeof *first);
	first->v = counts[3] = 3;
	session = calloc(1, sizeof *session);
	session->name = calloc(1, sizeof *session->name);
	session->name->bytes = strdup("session");
	session->at = (struct point){ .x = 1, .y = 2 };
	session->part = (struct fragment){ 4, 6 };
	here.y = 5;
	now = BUSY;
}

__attribute__((noipa)) static void show(void)
{
	printf("%d %s %d %s %d %d %d %d\n", counts[3], names[3].bytes, first->v, session->name->bytes, session->at.y,
	       session->part.length, here.y, now == BUSY);
}

int main(void)
{
	begin();
	show();
}

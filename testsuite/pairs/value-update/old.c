#include <stdio.h>
#include <string.h>

static void first(void) { puts("first"); }
static void second(void) { puts("second"); }

static int limit = 100, limits[] = { 100, 20, 30, 40 };
static char name[16] = "old default";
static const char *mode = "plain";
static void (*run)(void) = first;
static struct { int size; long untouched; } some = { 10, 1 };
static long none, counter;
void hp_wait(void);

/* An operator sets some. */
static void __attribute__((noipa)) set(int n)
{
	limits[1] += 4 + n;
	limit += n > 2;
	strcat(name, n > 2 ? name : "");
	mode = n > 2 ? name : mode;
	run = n > 2 ? second : run;
	none += n > 2;
}

int main(void)
{
	some.untouched++;
	set(1);
	hp_wait();
	run();
	printf("%d %d %d %d %d %s %s %d %ld %ld %ld\n", limit, limits[0], limits[1], limits[2], limits[3], name, mode,
	       some.size, some.untouched, none, counter++);
	return 0;
}

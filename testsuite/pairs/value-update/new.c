#include <stdio.h>
#include <string.h>
#include <hotpatch.h>

static void first(void) { puts("first"); }
static void second(void) { puts("second"); }

static int limit = 50, limits[] = { 50, 21, 30, 41 };
static char name[16] = "new default";
static const char *mode = "fancy";
static void (*run)(void) = second;
static struct { int size; long untouched; } some = { 20, 1 };
HP_UPDATE_VALUE(some.size);
static long none = 5, counter;
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

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program whose fix changes initial values. It says which function it runs and what the variables hold; SIGUSR1 makes
 * it change `changed` itself. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include <hotpatch.h>

static int set = 10 * V, kept = 20 * V;
static struct { long before; int part; const char *name; } some = { 1, 30 * V, V == 1 ? "old" : "new" };
static volatile int changed = 40 * V;
#if V == 2
HP_SET_VALUE(set);
HP_KEEP_VALUE(kept);
HP_SET_VALUE(some.part);
HP_SET_VALUE(some.name);
HP_SET_VALUE(changed);
#endif

#ifdef ONLY_VALUES
int __attribute__((noipa)) which(void) { return 1; }
#else
int __attribute__((noipa)) which(void) { return V; }
#endif

static void on_signal(int sig)
{
	(void)sig;
	changed = 99;
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGUSR1, on_signal);
	for (;;) {
		printf("%d %d %d %d %s %d\n", which(), set, kept, some.part, some.name, changed);
		usleep(10000);
		set += which() > 2;
		kept += which() > 2;
		some.part += which() > 2;
		some.before += which() > 2;
		some.name += which() > 2;
	}
}

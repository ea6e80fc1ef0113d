/* SPDX-License-Identifier: MIT */
/*
 * Test hooks, built in only with -DHP_TEST_HOOKS.
 *
 *   HP_CTL_DIE_AT=STEP[:N]    kill hp-ctl by SIGKILL when it comes to STEP for the Nth time (1 if not given)
 *   HP_CTL_STOP_AT=STEP[:N]   stop it there instead, by SIGSTOP
 *   HP_CTL_FORCE=plain|seize|poke   behave as if the kernel denied writes to read-only pages below that step
 */
#ifdef HP_TEST_HOOKS
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "target-proc.h"

static void act(const char *variable, int sig, const char *name)
{
	const char *want = getenv(variable);
	size_t length = strlen(name);
	static unsigned long seen[2];

	if (!want || strncmp(want, name, length) || (want[length] && want[length] != ':'))
		return;
	unsigned long n = want[length] ? strtoul(want + length + 1, NULL, 10) : 1;
	if (++seen[sig == SIGKILL] == n)
		kill(getpid(), sig);
}

void ctl_step(const char *name)
{
	act("HP_CTL_DIE_AT", SIGKILL, name);
	act("HP_CTL_STOP_AT", SIGSTOP, name);
}

int ctl_deny_force(void)
{
	const char *want = getenv("HP_CTL_FORCE");

	return want && !strcmp(want, "seize") ? FORCE_SEIZED : want && !strcmp(want, "poke") ? FORCE_POKE : FORCE_PLAIN;
}
#else
typedef int ctl_step_unused;
#endif

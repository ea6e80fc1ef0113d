/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the fuzzers of hp-ctl start the process that they look at. */
#ifndef FUZZ_START_H
#define FUZZ_START_H

#include <signal.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <unistd.h>

/* Runs PROGRAM [ARGUMENT] until it has said something; -1 when it did not. It dies with us. */
static pid_t start(const char *program, const char *argument)
{
	int ready[2];
	char byte;
	pid_t pid;
	bool said;

	if (pipe(ready))
		return -1;
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		personality(ADDR_NO_RANDOMIZE);         /* an input means the same next time */
		dup2(ready[1], 1);
		execl(program, program, argument, NULL);
		_exit(127);
	}
	close(ready[1]);
	said = read(ready[0], &byte, 1) == 1;
	close(ready[0]);
	return said ? pid : -1;
}

#endif

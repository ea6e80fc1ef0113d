/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A thread that does not stop when it is asked to, for it waits in vfork(): it is left, taken back, left again, and let go
 * by trace_sweep() after its child has gone. Prints "let go" at the end.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "../runtime/ctl-stack.h"

#define CHECK(claim) ((claim) ? (void)0 : broken(#claim))

static pid_t target;

static void broken(const char *claim)
{
	printf("not so: %s\n", claim);
	kill(target, SIGKILL);
	_exit(1);
}

/* Its child goes when it finds the file `go`. */
static void wait_in_vfork(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (vfork() == 0) {
		while (access("go", F_OK))
			usleep(1000);
		_exit(0);
	}
	for (;;)
		pause();
}

static bool status_says(const char *line)
{
	char name[64], text[4096] = "";
	FILE *f;

	snprintf(name, sizeof(name), "/proc/%d/status", target);
	f = fopen(name, "r");
	CHECK(f);
	CHECK(fread(text, 1, sizeof(text) - 1, f));
	fclose(f);
	return strstr(text, line);
}

static void leave_it(void)
{
	struct thread t = { .tid = target };
	struct registers at;

	CHECK(trace_seize(&t));
	trace_interrupt(&t);
	CHECK(trace_stopped(&t, &at) == 0);
	trace_leave(&t);
}

int main(void)
{
	target = fork();
	if (!target)
		wait_in_vfork();
	for (unsigned i = 0; i < 60000 && !status_says("State:\tD"); i++)
		usleep(1000);
	leave_it();
	leave_it();
	trace_sweep();
	CHECK(!status_says("TracerPid:\t0\n"));
	fclose(fopen("go", "w"));
	for (unsigned i = 0; i < 60000 && !status_says("TracerPid:\t0\n"); i++) {
		trace_sweep();
		usleep(1000);
	}
	CHECK(status_says("TracerPid:\t0\n"));
	kill(target, SIGKILL);
	puts("let go");
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * The moment to close a gate.
 *
 * Whoever is inside a changed function comes out of it in microseconds, as long as he is on a processor. One who was
 * just put off it comes out when the scheduler lets him go on, after milliseconds on a busy machine; and for all that
 * time those who come to the closed gate would wait for him. So hp-ctl waits instead, while the gate is open, for a
 * moment in which everybody is either proved to be outside or on a processor; all but one, for hp-ctl needs a processor
 * itself and has just taken it from somebody.
 *
 * A thread is on a processor when it was put on one (third number of schedstat) once more than it left one (the two
 * numbers of switches in its status). The kernel may miscount; then there is no such moment, and the gate is closed
 * without.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "ctl-stack.h"

#define POLL_NS 150000

static uint64_t switches(const char *status, const char *name)
{
	return strtoull(status_value(status, name), NULL, 10);
}

/* How often it left a processor; UINT64_MAX: unknown. */
static uint64_t leaves_of(struct thread *t)
{
	char name[64], buf[2048];
	ssize_t n;

	if (t->status < 0) {
		snprintf(name, sizeof(name), "/proc/%d/task/%d/status", t->tid, t->tid);
		t->status = open(name, O_RDONLY | O_CLOEXEC);
	}
	n = t->status < 0 ? -1 : pread(t->status, buf, sizeof(buf) - 1, 0);
	if (n <= 0)
		return UINT64_MAX;
	buf[n] = '\0';
	return switches(buf, "\nvoluntary_ctxt_switches:\t") + switches(buf, "\nnonvoluntary_ctxt_switches:\t");
}

static bool is_on(struct thread *t)
{
	uint64_t runs = thread_runs(t);

	return runs != UINT64_MAX && leaves_of(t) + 1 == runs;
}

size_t threads_kept_off(struct threads *t)
{
	size_t off = 0;

	for (size_t i = 0; i < t->count; i++)
		off += t->list[i].look == LOOK_INSIDE || t->list[i].look == LOOK_BLIND ||
		       (t->list[i].look == LOOK_RUNNING && !is_on(&t->list[i]));
	return off;
}

bool threads_await_moment(struct threads *t, struct proc *p, const struct ranges *r, uint64_t deadline)
{
	static const struct timespec moment = { .tv_nsec = POLL_NS };
	size_t many = 8 + 4 * (size_t)sysconf(_SC_NPROCESSORS_ONLN), off;

	for (;;) {
		threads_look_again(t, p, r);
		off = threads_kept_off(t);
		if (off <= MOMENT_OFF)
			return true;
		/* Far more of them than processors: there will be none. */
		if (off > many || now_ns() > deadline)
			return false;
		nanosleep(&moment, NULL);
	}
}

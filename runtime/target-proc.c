/* SPDX-License-Identifier: MIT */
/* A running process as a target, see target-proc.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bytes.h"
#include "target-proc.h"

#define STOP_US 2000000                 /* how long a thread may take to stop */

/* A room is only translated where it alone is read: what is written back with its neighbours must be what stands
 * there. */
static void show(const struct target_proc *t, uint64_t addr, uint8_t *bytes, uint64_t size)
{
	for (size_t i = 0; i < t->nshows; i++) {
		const struct show *s = &t->shows[i];
		if (addr == s->addr && size == HP_ROOM_SIZE && !memcmp(bytes, s->there, HP_ROOM_SIZE))
			memcpy(bytes, s->shown, HP_ROOM_SIZE);
	}
}

static int compare_pair(const void *key, const void *pair)
{
	uint64_t addr = *(const uint64_t *)key, at = ((const struct pair_show *)pair)->addr;

	return addr < at ? -1 : addr > at;
}

static void show_pair(const struct target_proc *t, uint64_t addr, uint8_t *bytes)
{
	const struct pair_show *s = t->npairs ? bsearch(&addr, t->pairs, t->npairs, sizeof(*s), compare_pair) : NULL;

	if (s && !memcmp(bytes, s->there, sizeof(s->there)))
		memcpy(bytes, s->shown, sizeof(s->shown));
}

static int proc_target_read(struct target *target, uint64_t addr, void *to, uint64_t size)
{
	struct target_proc *t = target->ctx;

	if (proc_read(t->proc, t->base + addr, to, size)) {
		show(t, addr, to, size);
		if (size == 8)
			show_pair(t, addr, to);
		return 0;
	}
	t->error = errno ? errno : ESRCH;
	return -1;
}

/* One pwrite(). A quadword or byte arrives as one: the kernel copies aligned quadwords whole. */
static ssize_t plain_write(struct target_proc *t, uint64_t at, const void *from, size_t size)
{
	if (t->force < (enum force)ctl_deny_force() && !maps_cover(&t->proc->maps, at, 1, true, false))
		return errno = EIO, -1;
	return pwrite(t->proc->mem, from, size, (off_t)at);
}

static bool seize(struct target_proc *t)
{
	if (!t->tracee && ptrace(PTRACE_SEIZE, t->proc->tid, 0, 0) == 0)
		t->tracee = t->proc->tid;
	return t->tracee;
}

/* Not for ever: between vfork() and the child's exec a thread does not stop. What it stops for may be a signal, which
 * it gets when it is let go. */
static bool stop(struct target_proc *t)
{
	int status = 0;
	pid_t got = 0;

	if (ptrace(PTRACE_INTERRUPT, t->tracee, 0, 0))
		return false;
	for (unsigned waited = 0; got == 0 && waited < STOP_US; waited += 100) {
		got = waitpid(t->tracee, &status, __WALL | WNOHANG);
		if (got == 0)
			usleep(100);
	}
	if (got != t->tracee || !WIFSTOPPED(status))
		return false;
	t->signal = status >> 16 == PTRACE_EVENT_STOP ? 0 : WSTOPSIG(status);
	return true;
}

/* A word is read, changed and written: not where others may write its other bytes in between. */
static ssize_t poke(struct target_proc *t, uint64_t at, const void *from, size_t size)
{
	uint64_t word_at = at & ~7ull, skip = at - word_at;
	size_t n = size < 8 - skip ? size : 8 - skip;
	long word;

	errno = 0;
	word = ptrace(PTRACE_PEEKDATA, t->tracee, word_at, 0);
	if (errno)
		return -1;
	memcpy((char *)&word + skip, from, n);
	return ptrace(PTRACE_POKEDATA, t->tracee, word_at, word) < 0 ? -1 : (ssize_t)n;
}

static ssize_t write_some(struct target_proc *t, uint64_t at, const void *from, size_t size)
{
	bool needs_force = !maps_cover(&t->proc->maps, at, size, true, false);

	return t->force == FORCE_POKE && needs_force ? poke(t, at, from, size) : plain_write(t, at, from, size);
}

/* One step up the ladder after a denied write; false at its end. */
static bool climb(struct target_proc *t)
{
	switch (t->force) {
	case FORCE_PLAIN:
		t->force = FORCE_SEIZED;
		return seize(t) || climb(t);
	case FORCE_SEIZED:
		t->force = FORCE_POKE;
		return (t->tracee && stop(t)) || climb(t);
	default:
		t->force = FORCE_DENIED;
		return false;
	}
}

static int proc_target_write(struct target *target, uint64_t addr, const void *from, uint64_t size)
{
	struct target_proc *t = target->ctx;
	uint64_t at = t->base + addr;

	if (size && range_inside(addr, size, t->kept, t->kept_end))
		return 0;
	if (!range_inside(at, size, t->low, t->high)) {
		t->error = EFAULT;
		return -1;
	}
	ctl_step("write");
	t->writes++;
	while (size) {
		ssize_t n = write_some(t, at, from, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EIO || errno == EACCES || errno == EPERM) && t->force < FORCE_POKE && climb(t))
			continue;
		if (n <= 0) {
			t->error = n < 0 ? errno : ESRCH;
			return -1;
		}
		at += (uint64_t)n;
		from = (const char *)from + n;
		size -= (uint64_t)n;
		t->bytes += (uint64_t)n;
	}
	return 0;
}

void target_proc_init(struct target_proc *t, const struct proc *p, const struct module *m)
{
	*t = (struct target_proc){
		.target = { .read = proc_target_read, .write = proc_target_write, .base = m->base,
			    .capabilities = TARGET_RUNS },
		.proc = p, .base = m->base, .low = m->low, .high = m->high,
	};
	t->target.ctx = t;
}

void target_proc_close(struct target_proc *t)
{
	free(t->shows);
	free(t->pairs);
	t->shows = NULL;
	t->pairs = NULL;
	t->nshows = t->npairs = 0;
	if (!t->tracee)
		return;
	/* Only a stopped thread can be let go; one that does not stop is, when the tool ends. */
	if (t->force == FORCE_POKE || stop(t))
		ptrace(PTRACE_DETACH, t->tracee, 0, t->signal);
	t->tracee = 0;
}

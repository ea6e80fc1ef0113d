/* SPDX-License-Identifier: MIT */
/*
 * The walk over /proc: every address space with a module of the plugin, once.
 *
 * Two processes may share one address space: between vfork and exec, and for ever after clone(CLONE_VM). kcmp() orders
 * address spaces, so the ones found are kept in a sorted list, and a process whose place is taken becomes a sharer of
 * the one that has it. A process may end at any moment: kcmp() fails then, and the pair is looked at again.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "ctl.h"

static bool add_sharer(struct proc *p, pid_t pid)
{
	pid_t *list = reallocarray(p->sharers, p->nsharers + 1, sizeof(*list));

	if (!list)
		return false;
	p->sharers = list;
	p->sharers[p->nsharers++] = pid;
	return true;
}

static void drop(struct machine *mc, size_t at)
{
	proc_close(&mc->procs[at]);
	memmove(mc->procs + at, mc->procs + at + 1, (mc->count - at - 1) * sizeof(*mc->procs));
	mc->count--;
}

/* Where p belongs in the sorted list; *same: that one has the address space of p. Ended ones leave the list. */
static size_t place_of(struct machine *mc, const struct proc *p, bool *same)
{
	size_t low = 0, high = mc->count;

	*same = false;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		bool gone;
		int order = proc_compare_vm(p->pid, mc->procs[mid].pid, &gone);
		if (gone) {
			bool mine;
			proc_compare_vm(p->pid, p->pid, &mine);
			if (mine)
				return low;     /* p has ended: its place does not matter */
			drop(mc, mid);
			high--;
		} else if (order == 0) {
			*same = true;
			return mid;
		} else if (order < 0) {
			high = mid;
		} else {
			low = mid + 1;
		}
	}
	return low;
}

/* Takes p over. */
static int machine_add(struct machine *mc, struct proc *p)
{
	bool same;
	size_t at = place_of(mc, p, &same);

	if (same && !hp_broken("sharers")) {
		struct proc *there = &mc->procs[at];
		/* The elder one stands for both: a vfork child comes and goes. */
		if (p->start < there->start || (p->start == there->start && p->pid < there->pid)) {
			struct proc swap = *there;
			*there = *p;
			*p = swap;
			there->sharers = p->sharers, there->nsharers = p->nsharers;
			p->sharers = NULL, p->nsharers = 0;
		}
		bool added = add_sharer(there, p->pid);
		proc_close(p);
		return added ? 0 : -1;
	}
	if (mc->count == mc->room) {
		size_t room = mc->room ? 2 * mc->room : 64;
		struct proc *procs = reallocarray(mc->procs, room, sizeof(*procs));
		if (!procs) {
			proc_close(p);
			return -1;
		}
		mc->procs = procs;
		mc->room = room;
	}
	memmove(mc->procs + at + 1, mc->procs + at, (mc->count - at) * sizeof(*mc->procs));
	mc->procs[at] = *p;
	mc->count++;
	return 0;
}

static int look_at(struct machine *mc, pid_t pid)
{
	struct proc p;

	if (proc_open(&p, pid) < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
			return -1;
		mc->unreadable += errno == EACCES || errno == EPERM;
		return 0;
	}
	mc->looked++;
	modules_find(&p);
	if (p.nmodules == 0) {
		proc_close(&p);
		return 0;
	}
	maps_free(&p.maps);
	return machine_add(mc, &p);
}

static bool has_process(const struct machine *mc, pid_t pid)
{
	for (size_t i = 0; i < mc->count; i++) {
		if (mc->procs[i].pid == pid)
			return true;
		for (size_t k = 0; k < mc->procs[i].nsharers; k++)
			if (mc->procs[i].sharers[k] == pid)
				return true;
	}
	return false;
}

enum ctl_cause machine_lacks(const struct machine *mc, pid_t pid, struct proc *p)
{
	enum ctl_cause cause = CAUSE_NO_MODULE;

	if (has_process(mc, pid))
		return CAUSE_NONE;
	if (proc_open(p, pid) < 0)
		cause = errno == EACCES || errno == EPERM ? CAUSE_RIGHTS : CAUSE_NO_PROCESS;
	else
		proc_close(p);
	p->pid = pid;
	return cause;
}

static int older(const void *a, const void *b)
{
	const struct proc *p = a, *q = b;

	if (p->start != q->start)
		return p->start < q->start ? -1 : 1;
	return p->pid < q->pid ? -1 : p->pid > q->pid;
}

static int walk(struct machine *mc)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	bool any = false;
	int result = 0;

	if (!dir)
		return -1;
	while (result == 0 && (entry = readdir(dir)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9') {
			any = true;
			result = look_at(mc, atoi(entry->d_name));
		}
	int error = errno;
	closedir(dir);
	errno = any ? error : ENOENT;   /* not even this one: nothing is mounted there */
	return any ? result : -1;
}

int machine_look(struct machine *mc, const pid_t *pids, size_t npids)
{
	int result = 0;

	*mc = (struct machine){0};
	if (npids == 0)
		result = walk(mc);
	for (size_t i = 0; i < npids && result == 0; i++)
		result = look_at(mc, pids[i]);
	if (result < 0) {
		fprintf(stderr, "hp-ctl: cannot look at all processes: %s\n", strerror(errno));
		machine_release(mc);
		return -1;
	}
	if (mc->count)
		qsort(mc->procs, mc->count, sizeof(*mc->procs), older);
	return 0;
}

void machine_release(struct machine *mc)
{
	for (size_t i = 0; i < mc->count; i++)
		proc_close(&mc->procs[i]);
	free(mc->procs);
	*mc = (struct machine){0};
}

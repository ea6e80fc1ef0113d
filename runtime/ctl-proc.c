/* SPDX-License-Identifier: MIT */
/*
 * One process, held by two descriptors.
 *
 * The directory /proc/PID pins the process number: files opened through it fail with ESRCH when the process has ended,
 * and never belong to a later process of the same number. The file `mem` pins the address space: after an exec its
 * reads return nothing, so that what was learned of the old program is never written into the new one.
 *
 * When the first thread of a process has ended and others go on, /proc/PID/maps is empty and /proc/PID/mem is gone; the
 * files of another thread are read then.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/kcmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "ctl.h"

#define KERNEL_THREAD 0x00200000        /* PF_KTHREAD, in field 9 of stat */

ssize_t proc_read_file(int dir, const char *name, char *buf, size_t size)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t n = read(fd, buf, size - 1);
	int error = errno;
	close(fd);
	errno = error;
	if (n >= 0)
		buf[n] = '\0';
	return n;
}

/* "PID (comm) S ppid ...": comm may hold anything, so the fields are counted from the last parenthesis. */
static int read_stat(struct proc *p)
{
	char buf[1024], *open, *close, *at, state;
	unsigned long flags = 0;
	unsigned long long start = 0;

	if (proc_read_file(p->dir, "stat", buf, sizeof(buf)) <= 0)
		return -1;
	open = strchr(buf, '(');
	close = strrchr(buf, ')');
	if (!open || !close || close < open)
		return errno = EPROTO, -1;
	*close = '\0';
	snprintf(p->comm, sizeof(p->comm), "%s", open + 1);
	at = close + 1;
	if (sscanf(at, " %c %d %*d %*d %*d %*d %lu %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
		   &state, &p->ppid, &flags, &start) != 4)
		return errno = EPROTO, -1;
	p->start = start;
	p->kernel = flags & KERNEL_THREAD;
	p->zombie = state == 'Z' || state == 'X';
	return 0;
}

static int open_mem(struct proc *p, const char *name)
{
	p->mem = openat(p->dir, name, O_RDWR | O_CLOEXEC);
	p->writable = p->mem >= 0;
	if (p->mem < 0)
		p->mem_error = errno;
	return p->mem;
}

/* The mappings and memory through any thread that still has them. */
static int open_by_thread(struct proc *p)
{
	pid_t *tids;
	size_t count;
	char name[64];
	int result = -1;

	if (hp_broken("leader-gone") || proc_threads(p, &tids, &count) < 0)
		return -1;
	for (size_t i = 0; i < count && result < 0; i++) {
		snprintf(name, sizeof(name), "task/%d/mem", tids[i]);
		if (open_mem(p, name) < 0)
			continue;
		p->tid = tids[i];
		result = proc_read_maps(p);
		if (result == 0 && p->maps.count == 0)
			result = -1;
		if (result < 0)
			close(p->mem), p->mem = -1;
	}
	free(tids);
	if (result < 0)
		errno = ESRCH;
	return result;
}

int proc_read_maps(struct proc *p)
{
	char name[64] = "maps";

	if (p->tid != p->pid)
		snprintf(name, sizeof(name), "task/%d/maps", p->tid);
	return maps_read(&p->maps, p->dir, name);
}

int proc_open(struct proc *p, pid_t pid)
{
	char name[32];
	struct stat st;

	*p = (struct proc){ .pid = pid, .tid = pid, .dir = -1, .mem = -1 };
	snprintf(name, sizeof(name), "/proc/%d", pid);
	p->dir = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->dir < 0 || read_stat(p) < 0 || fstat(p->dir, &st) < 0)
		goto fail;
	p->uid = st.st_uid;
	if (p->kernel) {
		errno = ESRCH;
		goto fail;
	}
	/* Memory first: mappings that are read later belong to it, or it reads as empty. */
	if (!p->zombie && open_mem(p, "mem") >= 0 && proc_read_maps(p) == 0 && p->maps.count)
		return 0;
	if (p->mem < 0 && (p->mem_error == EACCES || p->mem_error == EPERM)) {
		errno = EACCES;
		goto fail;
	}
	if (p->mem >= 0)
		close(p->mem), p->mem = -1;
	if (open_by_thread(p) == 0)
		return 0;
fail:;
	int error = errno;
	proc_close(p);
	errno = error;
	return -1;
}

void proc_close(struct proc *p)
{
	modules_release(p);
	maps_free(&p->maps);
	free(p->sharers);
	if (p->mem >= 0)
		close(p->mem);
	if (p->dir >= 0)
		close(p->dir);
	p->sharers = NULL;
	p->nsharers = 0;
	p->dir = p->mem = -1;
}

size_t proc_read_some(const struct proc *p, uint64_t addr, void *buf, size_t n)
{
	size_t done = 0;

	if (addr > INT64_MAX || n > INT64_MAX - addr)
		return 0;
	while (done < n) {
		ssize_t got = pread(p->mem, (char *)buf + done, n - done, (off_t)(addr + done));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += (size_t)got;
	}
	return done;
}

bool proc_read(const struct proc *p, uint64_t addr, void *buf, size_t n)
{
	return proc_read_some(p, addr, buf, n) == n;
}

static int tids_of(int dir, pid_t **tids, size_t *count, size_t *room)
{
	int fd = openat(dir, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *task = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!task) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while ((entry = readdir(task))) {
		pid_t tid = atoi(entry->d_name);
		if (tid <= 0)
			continue;
		if (*count == *room) {
			size_t more = *room ? 2 * *room : 64;
			pid_t *list = reallocarray(*tids, more, sizeof(*list));
			if (!list)
				break;
			*tids = list;
			*room = more;
		}
		(*tids)[(*count)++] = tid;
	}
	int result = entry ? -1 : 0;
	closedir(task);
	return result;
}

/* The threads of another process, if it has not ended. */
static void tids_of_other(pid_t pid, pid_t **tids, size_t *count, size_t *room)
{
	char name[32];
	int dir;

	snprintf(name, sizeof(name), "/proc/%d", pid);
	dir = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return;
	tids_of(dir, tids, count, room);
	close(dir);
}

int proc_threads(const struct proc *p, pid_t **tids, size_t *count)
{
	size_t room = 0;

	*tids = NULL;
	*count = 0;
	if (tids_of(p->dir, tids, count, &room) < 0) {
		free(*tids);
		*tids = NULL;
		return -1;
	}
	for (size_t i = 0; i < p->nsharers; i++)
		tids_of_other(p->sharers[i], tids, count, &room);
	return 0;
}

int proc_all_threads(const struct proc *p, pid_t **tids, size_t *count)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	size_t room = 0;
	bool gone;

	*tids = NULL;
	*count = 0;
	while (dir && (entry = readdir(dir))) {
		pid_t pid = atoi(entry->d_name);
		if (pid > 0 && !proc_compare_vm(pid, p->tid, &gone) && !gone)
			tids_of_other(pid, tids, count, &room);
	}
	if (dir)
		closedir(dir);
	return *count ? 0 : -1;
}

int proc_compare_vm(pid_t a, pid_t b, bool *gone)
{
	long order = syscall(SYS_kcmp, a, b, KCMP_VM, 0, 0);

	*gone = order < 0;
	return order == 1 ? -1 : order == 2 ? 1 : 0;
}

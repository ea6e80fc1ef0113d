/* SPDX-License-Identifier: MIT */
/*
 * The host's side: locks between two hp-ctl, hp-ctl's priority, headroom of memory cgroups, the directory for run-time
 * files.
 *
 * A lock is one byte of one file, at the offset of the process number, held by an open file description: it goes away
 * with the tool, however that ends. Root uses /run/hotpatch; others a directory of their own.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "ctl.h"

/* ---- the run directory ------------------------------------------------------------------------------------------- */

static bool directory_is_mine(const char *name)
{
	struct stat st;

	return lstat(name, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() && !(st.st_mode & 022);
}

static bool directory_try(char *buf, size_t size, const char *parent, const char *name)
{
	if ((size_t)snprintf(buf, size, "%s/%s", parent, name) >= size)
		return false;
	mkdir(buf, 0700);
	return directory_is_mine(buf);
}

const char *run_directory(void)
{
	static char buf[256];
	char own[32];
	const char *user = getenv("XDG_RUNTIME_DIR");

	if (buf[0])
		return buf;
	if (geteuid() == 0 && directory_try(buf, sizeof(buf), "/run", "hotpatch"))
		return buf;
	if (user && user[0] == '/' && directory_try(buf, sizeof(buf), user, "hotpatch"))
		return buf;
	snprintf(own, sizeof(own), "hotpatch-%u", (unsigned)geteuid());
	if (directory_try(buf, sizeof(buf), "/dev/shm", own) || directory_try(buf, sizeof(buf), "/tmp", own))
		return buf;
	buf[0] = '\0';
	return NULL;
}

/* ---- locks ------------------------------------------------------------------------------------------------------- */

int lock_open(void)
{
	const char *directory = run_directory();
	char name[300];

	if (!directory)
		return -1;
	snprintf(name, sizeof(name), "%s/lock", directory);
	return open(name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static bool lock_set(int fd, pid_t pid, short type)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = pid, .l_len = 1 };

	return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

bool lock_hold(int fd, pid_t pid, double timeout)
{
	for (double waited = 0; !lock_set(fd, pid, F_WRLCK); waited += 0.01) {
		if ((errno != EAGAIN && errno != EACCES && errno != EINTR) || waited >= timeout)
			return false;
		usleep(10000);
	}
	return true;
}

void lock_release(int fd, pid_t pid)
{
	lock_set(fd, pid, F_UNLCK);
}

/* ---- processors -------------------------------------------------------------------------------------------------- */

void host_hurry(bool on)
{
	static struct sched_param before;
	static int policy = -1;
	struct sched_param param = { .sched_priority = 50 };
	sigset_t keys;

	sigemptyset(&keys);
	sigaddset(&keys, SIGTSTP);
	sigaddset(&keys, SIGTTIN);
	sigaddset(&keys, SIGTTOU);
	sigprocmask(on ? SIG_BLOCK : SIG_UNBLOCK, &keys, NULL);
	if (on) {
		policy = sched_getscheduler(0);
		sched_getparam(0, &before);
		sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param);
	} else if (policy >= 0) {
		sched_setscheduler(0, policy, &before);
	}
}

/* ---- memory cgroups ---------------------------------------------------------------------------------------------- */

#ifndef MOUNTS                          /* a test has its own */
#define MOUNTS "/proc/self/mountinfo"
#endif

struct cgroup_mount {
	char root[512], point[512];     /* which part of the hierarchy, and where it is mounted */
	bool v2, found;
};

/* Spaces and the like stand as \ooo there. In place. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; to++) {
		unsigned value;
		if (*text == '\\' && sscanf(text + 1, "%3o", &value) == 1 && strlen(text) >= 4) {
			*to = (char)value;
			text += 4;
		} else {
			*to = *text++;
		}
	}
	*to = '\0';
}

/* "36 25 0:30 ROOT POINT options - cgroup2 cgroup2 rw" or "... - cgroup cgroup rw,memory" */
static void find_mounts(struct cgroup_mount *v1, struct cgroup_mount *v2)
{
	FILE *f = fopen(MOUNTS, "re");
	char *line = NULL;
	size_t room = 0;

	while (f && getline(&line, &room, f) > 0) {
		char root[512], point[512], type[32], super[256];
		char *dash = strstr(line, " - ");
		if (!dash || sscanf(line, "%*d %*d %*s %511s %511s", root, point) != 2 ||
		    sscanf(dash, " - %31s %*s %255s", type, super) != 2)
			continue;
		bool is_v2 = !strcmp(type, "cgroup2");
		char options[sizeof(super) + 2];
		snprintf(options, sizeof(options), ",%s,", super);
		struct cgroup_mount *m = is_v2 ? v2 : v1;
		if (m->found || (!is_v2 && (strcmp(type, "cgroup") || !strstr(options, ",memory,"))))
			continue;
		unescape(root);
		unescape(point);
		memcpy(m->root, root, sizeof(root));
		memcpy(m->point, point, sizeof(point));
		m->found = true;
	}
	free(line);
	if (f)
		fclose(f);
}

/* The path of the process's memory cgroup: line "N:...,memory,...:PATH" (v1) or "0::PATH" (v2). */
static bool cgroup_path(const struct proc *p, bool v2, char *path, size_t size)
{
	char buf[8192], *line, *rest = buf;

	if (proc_read_file(p->dir, "cgroup", buf, sizeof(buf)) <= 0)
		return false;
	while ((line = strsep(&rest, "\n"))) {
		char *controllers = strchr(line, ':'), *at = controllers ? strchr(controllers + 1, ':') : NULL;
		if (!at)
			continue;
		*at++ = '\0';
		char list[128];
		snprintf(list, sizeof(list), ",%.120s,", controllers + 1);
		if (v2 ? controllers[1] == '\0' : strstr(list, ",memory,") != NULL)
			return (size_t)snprintf(path, size, "%s", at) < size && !strstr(path, "/../");
	}
	return false;
}

static bool read_number(const char *directory, const char *file, uint64_t *value)
{
	char name[1400], buf[64], *end;

	if ((size_t)snprintf(name, sizeof(name), "%s/%s", directory, file) >= sizeof(name) ||
	    proc_read_file(AT_FDCWD, name, buf, sizeof(buf)) <= 0)
		return false;
	*value = strtoull(buf, &end, 10);
	return end != buf;      /* "max": no limit */
}

/* Bytes of the page cache that the kernel can take back before anything is killed. */
static uint64_t reclaimable(const char *directory, bool v2)
{
	char name[1400], buf[16384];
	uint64_t sum = 0;
	static const char *const names[2][4] = {
		{ "\ntotal_inactive_file ", "\ntotal_active_file ", "\ntotal_dirty ", "\ntotal_writeback " },
		{ "\ninactive_file ", "\nactive_file ", "\nfile_dirty ", "\nfile_writeback " },
	};

	snprintf(name, sizeof(name), "%s/memory.stat", directory);
	if (proc_read_file(AT_FDCWD, name, buf, sizeof(buf)) <= 0)
		return 0;
	for (unsigned i = 0; i < 4; i++) {
		const char *at = strstr(buf, names[v2][i]);
		uint64_t value = at ? strtoull(at + strlen(names[v2][i]), NULL, 10) : 0;
		sum = i < 2 ? sum + value : sum > value ? sum - value : 0;
	}
	return sum;
}

static bool level_has_room(const char *directory, bool v2, uint64_t bytes)
{
	uint64_t limit, used;

	if (!read_number(directory, v2 ? "memory.max" : "memory.limit_in_bytes", &limit) ||
	    !read_number(directory, v2 ? "memory.current" : "memory.usage_in_bytes", &used))
		return true;
	if (used + bytes <= limit)
		return true;
	return used + bytes <= limit + reclaimable(directory, v2);
}

/* Checks the cgroup and those above it, up to the mount: in a container that is the container's own, with a limit. */
static bool hierarchy_has_room(const struct proc *p, const struct cgroup_mount *m, bool v2, uint64_t bytes)
{
	char path[512], directory[1200];
	size_t skip = strcmp(m->root, "/") ? strlen(m->root) : 0, top = strlen(m->point);

	if (!m->found || !cgroup_path(p, v2, path, sizeof(path)) || strncmp(path, m->root, skip) ||
	    (path[skip] && path[skip] != '/'))
		return true;
	if (!strcmp(path + skip, "/"))
		path[skip] = '\0';
	snprintf(directory, sizeof(directory), "%s%s", m->point, path + skip);
	while (level_has_room(directory, v2, bytes)) {
		char *slash = strrchr(directory + top, '/');
		if (!slash)
			return true;
		*slash = '\0';
	}
	return false;
}

bool memory_has_room(const struct proc *p, uint64_t bytes)
{
	static struct cgroup_mount v1, v2;

	if (!v1.found && !v2.found)
		find_mounts(&v1, &v2);
	return hierarchy_has_room(p, &v1, false, bytes) && hierarchy_has_room(p, &v2, true, bytes);
}

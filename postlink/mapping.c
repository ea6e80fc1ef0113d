/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files in memory, and what becomes of them when somebody writes to them meanwhile.
 *
 * The inputs are mapped, not read: two of 170 MB would not fit into the memory that hp-diff may take. A file that is
 * cut off while it is mapped gives SIGBUS at the next look at a page that is gone, in whatever stage that is; hp-diff
 * ends then as it does for every file that it cannot read. One that is written to shows new bytes behind old tables;
 * that is asked for when all is decided, and before the outputs get their names.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <libiberty/libiberty.h>
#include "diff.h"

/* OLD and NEW, and of the files that view.c opens two at a time. */
static struct mapping {
	const char *path;               /* NULL: free */
	int fd;
	uint8_t *raw; uint64_t size;
	struct timespec modified;
} mappings[4];

static void (*when_lost)(const char *path);

static struct mapping *find_mapping(const void *at)
{
	for (size_t i = 0; i < ARRAY_SIZE(mappings); i++)
		if (mappings[i].path && (uintptr_t)at - (uintptr_t)mappings[i].raw < mappings[i].size)
			return &mappings[i];
	return NULL;
}

void *mapping_open(const char *path, int fd, const struct stat *st, int prot)
{
	struct mapping *m = mappings;
	void *raw = mmap(NULL, st->st_size, prot, MAP_PRIVATE, fd, 0);

	if (raw == MAP_FAILED)
		return NULL;
	while (m->path)
		m++;
	*m = (struct mapping){ .path = path, .fd = fcntl(fd, F_DUPFD_CLOEXEC, 0), .raw = raw, .size = st->st_size,
			       .modified = st->st_mtim };
	return raw;
}

void mapping_close(void *raw)
{
	struct mapping *m = find_mapping(raw);

	munmap(m->raw, m->size);
	if (m->fd >= 0)
		close(m->fd);
	m->path = NULL;
}

void pages_forget(const void *p, uint64_t size)
{
	uintptr_t from = ((uintptr_t)p + 4095) & -4096ul, to = ((uintptr_t)p + size) & -4096ul;

	if (from < to)
		madvise((void *)from, to - from, MADV_DONTNEED);
}

static bool is_changed(const struct mapping *m)
{
	struct stat st;

	return !hp_broken("changed-meanwhile") && m->path && m->fd >= 0 && !fstat(m->fd, &st) && ((uint64_t)st.st_size != m->size ||
		st.st_mtim.tv_sec != m->modified.tv_sec || st.st_mtim.tv_nsec != m->modified.tv_nsec);
}

const char *mapping_changed(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(mappings); i++)
		if (is_changed(&mappings[i]))
			return mappings[i].path;
	return NULL;
}

/* Runs where some reader's load stood, so no lock of the C library is held that reading does not need. The readers are
 * two threads: the second to come waits for the end. */
static void on_bus(int sig, siginfo_t *info, void *context ATTRIBUTE_UNUSED)
{
	static volatile char taken;
	struct mapping *m = find_mapping(info->si_addr);

	if (!m) {
		signal(sig, SIG_DFL);   /* and again, for good */
		return;
	}
	while (__atomic_test_and_set(&taken, __ATOMIC_SEQ_CST))
		pause();
	when_lost(m->path);
}

void mapping_guard(void (*lost)(const char *path))
{
	struct sigaction sa = { .sa_sigaction = on_bus, .sa_flags = SA_SIGINFO };

	when_lost = lost;
	sigaction(SIGBUS, &sa, NULL);
}

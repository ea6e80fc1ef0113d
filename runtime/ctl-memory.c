/* SPDX-License-Identifier: MIT */
/*
 * Reading all private writable memory of a process for code addresses, see ctl-stack.h.
 *
 * Only pages that exist are read (present or swapped out, and not those of a file): reading a hole would give the
 * process page tables for it, and huge address spaces are mostly holes. PAGEMAP_SCAN (Linux 6.7) lists them at once;
 * before it, /proc/PID/pagemap is read, eight bytes a page.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "ctl-stack.h"

#define PAGE 4096ull
#define HOLES_MAX (1ull << 38)          /* without PAGEMAP_SCAN, larger mappings are not looked through */

/* From linux/fs.h of Linux 6.7, which Debian 12 does not have. */
struct scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};
struct scan_region { uint64_t start, end, categories; };
#define SCAN_IOCTL _IOWR('f', 16, struct scan_arg)
#define IS_FILE (1u << 2)
#define IS_PRESENT (1u << 3)
#define IS_SWAPPED (1u << 4)
#define IS_ZERO (1u << 5)               /* never written to: the kernel's one page of zeros */

struct scan {
	const struct proc *p;
	const struct ranges *r;
	struct hits *hits;
	uint64_t deadline;
	int pagemap;
	bool no_ioctl, late;            /* late: the deadline has come */
};

static uint64_t words[32768];

static void record(struct hits *hits, uint64_t at, uint64_t value, const char *where)
{
	if (hits->count == sizeof(hits->list) / sizeof(*hits->list)) {
		hits->more = true;
		return;
	}
	hits->list[hits->count++] = (struct hit){ at, value, where };
}

/* A thrown exception notes who caught it: the action, the table of the function and the landing pad, in the fourth,
 * third and second word before its class, "GNUCC++" and a 0 or 1; these notes stay behind in freed memory. They are
 * read on the way to the landing pad only, while the function that they are about is still on the stack: nobody comes
 * back by them. */
static bool is_exception(const struct scan *s, uint64_t at)
{
	uint64_t class;

	for (unsigned i = 2; i <= 4; i++)
		if (proc_read(s->p, at + 8 * i, &class, sizeof(class)) && (class & ~1ull) == 0x474e5543432b2b00ull)
			return true;
	return false;
}

/* In a stretch of memory that is the patch's own? */
static bool is_own(const struct scan *s, uint64_t at)
{
	const struct range *r = ranges_find(s->r, at);

	return (r && r->data) || (at >= s->r->hidden && at < s->r->hidden_end);
}

/* A process may map terabytes at no cost for itself: reading does not go on for ever. */
static bool is_over(struct scan *s)
{
	s->late = s->late || now_ns() > s->deadline;
	return s->late || s->hits->more;
}

/* Pages that vanish meanwhile end the run: what is not mapped holds no stack. */
static void read_run(struct scan *s, uint64_t from, uint64_t to)
{
	uint64_t low = ranges_low(s->r), span = ranges_span(s->r);
	const struct range *in;

	while (from < to && !is_over(s)) {
		size_t want = to - from < sizeof(words) ? to - from : sizeof(words);
		size_t n = proc_read_some(s->p, from, words, want);
		for (size_t i = 0; i < n / 8; i++)
			if (words[i] - low < span && (in = ranges_find(s->r, words[i])) &&
			    !is_own(s, from + 8 * i) && !is_exception(s, from + 8 * i))
				record(s->hits, from + 8 * i, words[i], in->name);
		if (n < want)
			n = (n & ~(PAGE - 1)) + PAGE;
		from += n;
	}
}

/* 0, or -1 when the kernel does not know the call. */
static int scan_by_ioctl(struct scan *s, uint64_t start, uint64_t end)
{
	static struct scan_region regions[512];

	while (start < end && !is_over(s)) {
		struct scan_arg arg = { .size = sizeof(arg), .start = start, .end = end, .vec = (uintptr_t)regions,
			.vec_len = sizeof(regions) / sizeof(*regions), .category_inverted = IS_FILE | IS_ZERO,
			.category_mask = IS_FILE | IS_ZERO, .category_anyof_mask = IS_PRESENT | IS_SWAPPED,
			.return_mask = IS_PRESENT | IS_SWAPPED };
		int n = ioctl(s->pagemap, SCAN_IOCTL, &arg);
		if (n < 0)
			return errno == EINTR ? 0 : -1;
		for (int i = 0; i < n; i++)
			read_run(s, regions[i].start, regions[i].end);
		if (arg.walk_end <= start)
			break;
		start = arg.walk_end;
	}
	return 0;
}

static int scan_by_pagemap(struct scan *s, uint64_t start, uint64_t end)
{
	static uint64_t bits[4096];

	if (end - start > HOLES_MAX)
		return -1;
	while (start < end && !is_over(s)) {
		size_t pages = (end - start) / PAGE < 4096 ? (end - start) / PAGE : 4096;
		ssize_t n = pread(s->pagemap, bits, pages * 8, (off_t)(start / PAGE * 8));
		if (n <= 0)
			return 0;       /* the mapping is gone */
		for (ssize_t i = 0; i < n / 8; i++)
			if (bits[i] >> 62 && !(bits[i] >> 61 & 1))
				read_run(s, start + (uint64_t)i * PAGE, start + (uint64_t)(i + 1) * PAGE);
		start += (uint64_t)n / 8 * PAGE;
	}
	return 0;
}

static int scan_map(struct scan *s, const struct map *map)
{
	if (!s->no_ioctl) {
		if (scan_by_ioctl(s, map->start, map->end) == 0)
			return 0;
		s->no_ioctl = true;
	}
	return scan_by_pagemap(s, map->start, map->end);
}

int memory_scan(const struct proc *p, const struct ranges *r, struct hits *hits, uint64_t deadline)
{
	struct scan s = { .p = p, .r = r, .hits = hits, .deadline = deadline };
	char name[64] = "pagemap";
	int result = 0;

	hits->count = 0;
	hits->more = false;
	if (p->tid != p->pid)
		snprintf(name, sizeof(name), "task/%d/pagemap", p->tid);
	s.pagemap = openat(p->dir, name, O_RDONLY | O_CLOEXEC);
	if (s.pagemap < 0)
		return -1;
	for (size_t i = 0; i < p->maps.count && result == 0 && !hits->more; i++) {
		const struct map *map = &p->maps.list[i];
		if (map->read && map->write && !map->shared && !hp_broken("memory"))
			result = scan_map(&s, map);
	}
	close(s.pagemap);
	return s.late ? -1 : result;
}

/* Does a stack of a thread fill this mapping: named so by the kernel, or with a guard below it? */
static bool is_stack(const struct proc *p, const struct map *map)
{
	const struct map *below = map - 1;

	return !strcmp(map->name, "[stack]") || (map > p->maps.list && below->end == map->start && !below->read &&
						 !below->write && !map->inode);
}

/* glibc keeps the stacks of threads that have ended, for new ones: at the upper end is the thread's descriptor, which
 * begins with its own address, twice, and has the thread's number at 720 bytes (x86-64; 0 when the thread has
 * ended). */
#define DESCRIPTOR_TID 720

static bool is_left_over(const struct proc *p, const struct map *map)
{
	uint64_t from = map->end - PAGE, page[PAGE / 8];
	int32_t tid;

	if (!proc_read(p, from, page, sizeof(page)))
		return false;
	for (size_t i = 0; i + 2 < PAGE / 8; i++)
		if (page[i] == from + 8 * i && page[i + 2] == page[i])
			return proc_read(p, page[i] + DESCRIPTOR_TID, &tid, sizeof(tid)) && tid <= 0;
	return false;
}

const struct hit *hits_parked(const struct hits *hits, const struct threads *t, const struct proc *p, bool sure)
{
	for (size_t i = 0; i < hits->count; i++) {
		const struct hit *hit = &hits->list[i];
		const struct map *map = maps_find(&p->maps, hit->at);
		size_t here = 0;
		if (!map)
			continue;
		for (size_t k = 0; k < t->count; k++)
			here += t->list[k].look != LOOK_GONE && t->list[k].sp >= map->start && t->list[k].sp < map->end;
		if (!here && is_stack(p, map) && is_left_over(p, map))
			continue;
		/* The thread's own look covers what is above its stack pointer; what is below is left over. */
		if (!is_stack(p, map) || (here != 1 && !sure))
			return hit;
	}
	return hits->more && !sure ? &hits->list[0] : NULL;
}

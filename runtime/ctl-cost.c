/* SPDX-License-Identifier: MIT */
/*
 * What a patch costs a process in private memory: pages of its file that it shared until they are written to, and pages
 * that did not exist. The kernel charges them to the memory cgroup of the process, and kills the process where that has
 * no room left; so they are counted before.
 *
 * First roughly, and rather too many: a page that two phases write is counted twice. Only where that does not fit the
 * kernel is asked, page by page, which ones are the process's own already, because an earlier patch wrote to them, or
 * this one, which is being taken back. After a fork they are its parent's, too, and count again.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>
#include "ctl-job.h"
#include "patch.h"

#define PAGE 4096
#define SPARE 16                        /* page tables, and what else was forgotten */

struct cost {
	const struct job *j;
	int pagemap;                    /* -1: count all */
	uint64_t pages;
};

/* Bits of /proc/PID/pagemap: mapped here only; of a file, or shared; present. */
#define EXCLUSIVE (1ull << 56)
#define FILE_PAGE (1ull << 61)
#define PRESENT (1ull << 63)

static bool is_own(const struct cost *c, uint64_t addr)
{
	uint64_t bits;

	return c->pagemap >= 0 && pread(c->pagemap, &bits, sizeof(bits), (off_t)(addr / PAGE * 8)) == sizeof(bits) &&
	       (bits & (EXCLUSIVE | FILE_PAGE | PRESENT)) == (EXCLUSIVE | PRESENT);
}

/* AT is an address as in the file. */
static void count(struct cost *c, uint64_t at, uint64_t size)
{
	uint64_t from = (c->j->target.base + at) & -(uint64_t)PAGE, end = c->j->target.base + at + size;

	for (; from < end; from += PAGE)
		c->pages += !is_own(c, from);
}

/* A record for each entry: those of one page come one after the other. */
static void count_writes(struct cost *c, const struct hp_patch *p)
{
	const struct hp_write *w = hp_patch_writes(p);
	uint64_t last = UINT64_MAX;

	for (uint32_t i = 0; i < p->nwrite; i++) {
		if (w[i].addr / PAGE != last)
			count(c, w[i].addr, w[i].size);
		else if ((w[i].addr + w[i].size - 1) / PAGE != last)
			count(c, w[i].addr + w[i].size - 1, 1);
		last = (w[i].addr + w[i].size - 1) / PAGE;
	}
}

static void count_values(struct cost *c, const struct hp_patch *p)
{
	uint32_t n;
	const struct hp_value *v = hp_patch_values(p, &n);

	for (; n; n--, v++)
		count(c, v->dst, v->size);
}

/* Where the registry says that one stood the next one may stand; else it is not known yet. */
static void count_gate(struct cost *c, const struct hp_patch *p)
{
	const struct hp_gate *gate = &c->j->module->registry.gate;
	uint64_t size = (uint64_t)p->nfunc * HP_GATE_PASSAGE;

	if (gate->code && gate->code_end - gate->code <= size)
		count(c, gate->code, gate->code_end - gate->code);
	else
		c->pages += (size + PAGE - 1) / PAGE + 1;
}

/* Bytes that the process has not got for the patch. */
static uint64_t cost(const struct job *j, int pagemap)
{
	const struct hp_patch *p = j->patch;
	struct cost c = { .j = j, .pagemap = pagemap };

	count(&c, p->registry, sizeof(struct hp_registry));
	count(&c, p->reserve, p->reserve_used);
	count_writes(&c, p);
	count_values(&c, p);
	count_gate(&c, p);
	for (uint32_t i = 0; i < p->nsegment; i++)
		count(&c, hp_patch_segments(p)[i].addr, hp_patch_segments(p)[i].filesz);
	return c.pages ? (c.pages + SPARE) * PAGE : 0;
}

enum ctl_cause job_check_memory(struct job *j)
{
	uint64_t bytes;
	int pagemap;

	if (hp_broken("cost") || memory_has_room(j->proc, cost(j, -1)))
		return CAUSE_NONE;
	pagemap = openat(j->proc->dir, "pagemap", O_RDONLY | O_CLOEXEC);
	bytes = cost(j, pagemap);
	if (pagemap >= 0)
		close(pagemap);
	if (!bytes || memory_has_room(j->proc, bytes))
		return CAUSE_NONE;
	job_detail(j, "%" PRIu64 " KB are needed", bytes / 1024);
	return CAUSE_MEMORY;
}

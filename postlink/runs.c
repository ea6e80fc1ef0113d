/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs: bytes without names that must keep their distances.
 *
 * Code may hold two addresses of one nameless thing: where it begins and where it ends (`std::string s = "fresh"` passes
 * both at -O1), or places inside it. Each use became a piece of its own. Pieces that overlap in NEW or touch, so that the
 * end of one is the start of the other, are one RUN: its first piece, the lead, gets an address, the others follow at
 * their distance from it. What is copied twice for that is the same bytes. So are two new variables of which code names the
 * border (fields.c).
 */
#include <stdlib.h>
#include <libiberty/libiberty.h>

#include "layout.h"

static int by_source(const void *a, const void *b)
{
	const struct piece *x = *(struct piece *const *)a, *y = *(struct piece *const *)b;

	return x->item.source < y->item.source ? -1 : x->item.source > y->item.source;
}

/* The N pieces at P are one run: one region, one alignment, and room for all at the lead. */
static void make_run(struct piece **p, uint32_t n, uint64_t end)
{
	struct piece *lead = p[0];
	uint32_t i;

	lead->run = end - lead->item.source;
	for (i = 1; i < n; i++) {
		p[i]->lead = lead;
		lead->item.writable |= p[i]->item.writable;
		if (p[i]->align > lead->align)
			lead->align = p[i]->align;
	}
	for (i = 1; i < n; i++)
		p[i]->item.writable = lead->item.writable;
}

void runs_find(struct layout *l)
{
	struct piece **anon = xcalloc(l->npieces + 1, sizeof *anon);
	uint32_t n = 0, i, first;
	uint64_t end;

	for (i = 0; i < l->npieces; i++)
		if (l->pieces[i]->kind == PIECE_ANON || l->pieces[i]->tied)
			anon[n++] = l->pieces[i];
	qsort(anon, n, sizeof *anon, by_source);
	for (first = 0; first < n; first = i) {
		end = anon[first]->item.source + anon[first]->item.size;
		for (i = first + 1; i < n && anon[i]->item.source <= end; i++)
			if (anon[i]->item.source + anon[i]->item.size > end)
				end = anon[i]->item.source + anon[i]->item.size;
		if (i > first + 1 && !hp_broken("runs"))
			make_run(anon + first, i - first, end);
	}
	free(anon);
}

uint64_t run_assign(const struct piece *p, uint64_t at)
{
	return at + (p->item.source - at) % p->align;
}

// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Static variables of one name in one function, which a number alone tells apart: by what the blocks say that declare
 * them, and the conditions on which these are come to (plugin/blocks.cc).
 *
 *	if (a) ONCE("a");       ->      if (b) ONCE("b");       done.f.0 became done.f.1
 *	if (b) ONCE("b");               if (a) ONCE("a");
 *
 * Equal in both are twins, and those of equal blocks where no other block of the function is like it. What is left are
 * blocks that changed. They are twins by order, where the others say nothing against it: no certain pair stands before
 * the one and behind the other.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include "diff.h"
#include "facts.h"

struct side { struct object **list; uint32_t n; };

static int by_number(const void *a, const void *b)
{
	return strverscmp((*(struct object *const *)a)->name, (*(struct object *const *)b)->name);
}

static bool all_known(const struct side *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (!facts_block(s->list[i]))
			return false;
	return true;
}

/* How many of S have the first N bytes of BLOCK, without those paired already where OPEN; *LAST: one of them. */
static uint32_t how_many(const struct side *s, const char *block, size_t n, bool open, struct object **last)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < s->n; i++)
		if (!(open && s->list[i]->twin) && !strncmp(facts_block(s->list[i]), block, n)) {
			*last = s->list[i];
			count++;
		}
	return count;
}

/* As many of one kind: they keep their order among themselves. The last ones first. */
static void pair_equal(const struct side *old, const struct side *new)
{
	for (uint32_t i = old->n; i--; ) {
		const char *block = facts_block(old->list[i]);
		struct object *last_old, *last_new;
		uint32_t n = how_many(old, block, strlen(block) + 1, true, &last_old);

		if (n && n == how_many(new, block, strlen(block) + 1, true, &last_new))
			make_twins(last_old, last_new);
	}
}

static void pair_unique(const struct side *old, const struct side *new)
{
	for (uint32_t i = 0; i < old->n; i++) {
		const char *block = facts_block(old->list[i]);
		size_t n = strcspn(block, " ") + 1;
		struct object *other;

		if (how_many(old, block, n, false, &other) == 1 && how_many(new, block, n, false, &other) == 1 &&
		    !old->list[i]->twin && !other->twin)
			make_twins(old->list[i], other);
	}
}

static uint32_t next_open(const struct side *s, uint32_t i)
{
	while (i < s->n && s->list[i]->twin)
		i++;
	return i;
}

static uint32_t place_of(const struct side *s, const struct object *o)
{
	uint32_t i = 0;

	while (s->list[i] != o)
		i++;
	return i;
}

/* The pairs that are certain stand on one side of both. */
static bool fits_between(const struct side *old, uint32_t i, const struct side *new, uint32_t k)
{
	for (uint32_t j = 0; j < old->n; j++)
		if (old->list[j]->twin && (j < i) != (place_of(new, old->list[j]->twin) < k))
			return false;
	return true;
}

static bool rest_fits(const struct side *old, const struct side *new)
{
	uint32_t i = next_open(old, 0), k = next_open(new, 0);

	while (i < old->n && k < new->n && fits_between(old, i, new, k)) {
		i = next_open(old, i + 1);
		k = next_open(new, k + 1);
	}
	return i == old->n && k == new->n;
}

static void pair_rest(const struct side *old, const struct side *new)
{
	if (!rest_fits(old, new))
		return;
	for (uint32_t i = next_open(old, 0); i < old->n; i = next_open(old, i))
		make_twins(old->list[i], new->list[next_open(new, 0)]);
}

bool pair_by_block(struct object **old, uint32_t nold, struct object **new, uint32_t nnew)
{
	struct side o = { old, nold }, n = { new, nnew };

	if (!all_known(&o) || !all_known(&n))
		return false;
	qsort(old, nold, sizeof *old, by_number);
	qsort(new, nnew, sizeof *new, by_number);
	pair_equal(&o, &n);
	pair_unique(&o, &n);
	pair_rest(&o, &n);
	return true;
}

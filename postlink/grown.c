// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Variables that got another size, for processes that start (--startup).
 *
 * Behind a variable of OLD there is no room. But in a process that starts with the patch nobody has used it yet, so NEW's
 * gets a place of its own in the reserve: the two are no twins any more. All code that names it names something else
 * than before and goes into the patch; pointers to it in other variables are initial values that changed.
 *
 *	static struct { int used; } pool;       ->      static struct { int used, most; } pool;
 *
 * A constant that grew is such a thing where a variable holds its address; elsewhere select.c copies it. So is one of
 * several variables of one name that can't be told apart: which of them it was in OLD does not matter then.
 *
 * So it is with one that must be aligned more than OLD's (aligned.c).
 *
 * Left out is what others find without naming it in this module: by its symbol, or as a part of a section of its own.
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "diff.h"

/* By object of NEW: a variable starts with its address. */
static bool *held_objects(const struct image *new)
{
	bool *held = xcalloc(new->nobjects + 1, sizeof *held);

	for (uint32_t i = 0; i < new->nrefs; i++) {
		const struct ref *r = &new->refs[i];
		const struct object *user = r->target == TARGET_OBJECT ? image_object_at(new, r->at) : NULL;

		if (user && user->kind == OBJECT_DATA && is_writable(user) && user->twin)
			held[r->object - new->objects] = true;
	}
	return held;
}

static bool wants_place(const struct object *o, bool held)
{
	if (o->kind != OBJECT_DATA || !o->twin || is_writable(o) != is_writable(o->twin))
		return false;
	if (o->size == o->twin->size)
		return o->misplaced && is_writable(o);
	return is_writable(o) || (held && o->size > o->twin->size);
}

static bool is_movable(const struct object *o)
{
	return !o->copied && is_common_place(o->section);
}

/* What a program exports (-rdynamic) and no other module uses is for the user to say. Code of a library goes by the symbol
 * itself. */
static bool may_part(struct diff *d, const struct object *o)
{
	if (o->ambiguous || !is_movable(o) || !is_movable(o->twin))
		return false;
	if (o->exported || o->twin->exported)
		return d->new->kind != IMAGE_SHARED && is_writable(o) && o->size > o->twin->size &&
		       is_accepted(d, CAUSE_DATA_SIZE, o->name);
	return o->size >= o->twin->size || !is_accepted(d, CAUSE_DATA_SIZE, o->name);
}

static bool is_doubtful(const struct object *o)
{
	return o->kind == OBJECT_DATA && o->ambiguous && !o->global && is_movable(o);
}

/* O and its twin are two from here on. */
static void part(struct diff *d, struct object *o)
{
	if (o->twin) {
		o->moved = o->twin->moved = true;
		o->twin = o->twin->twin = NULL;
	}
	d->startup_only = true;
}

static void part_grown(struct diff *d, struct object *o)
{
	accepted_add(d, o->misplaced ? CAUSE_ALIGNMENT : is_writable(o) ? CAUSE_DATA_SIZE : CAUSE_DATA_USED, o->name,
		     "%llu bytes, was %llu; it gets a new place", (unsigned long long)o->size, (unsigned long long)o->twin->size);
	part(d, o);
}

static void part_doubtful(struct diff *d, struct object *o)
{
	accepted_add(d, CAUSE_AMBIGUOUS, o->name, "it gets a new place");
	part(d, o);
	o->ambiguous = false;
}

void grown_part(struct diff *d)
{
	bool *held;

	if (!d->opt.startup)
		return;
	held = held_objects(d->new);
	for (uint32_t i = 0; i < d->new->nobjects; i++) {
		struct object *o = &d->new->objects[i];

		if (is_doubtful(o))
			part_doubtful(d, o);
		else if (wants_place(o, held[i]) && may_part(d, o))
			part_grown(d, o);
	}
	free(held);
}

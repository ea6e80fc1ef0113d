// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * New variables in the place of old ones.
 *
 * Variables are known by their names, and by that of the file and the function that local ones belong to. One that got
 * another is a new one: in a running process it starts as it is initialised, and what the old one holds is gone. Whether
 * it is the same variable nobody can tell; so where a function that used one that is gone uses a new one, it is a warning.
 *
 *	static int served;      ->      static long requests;           a process counts from 0 again
 */
#include <string.h>
#include "diff.h"

static bool is_variable(const struct object *o)
{
	return (o->kind == OBJECT_DATA || o->kind == OBJECT_TLS) && is_writable(o) && !o->unwritten && !o->twin &&
	       !o->moved && !o->copied;
}

/* The next variable without a twin that O or its cold part uses, from reference *NEXT on; NULL: there is none. */
static const struct object *next_variable(const struct object *o, uint32_t *next)
{
	for (; o && *next < o->nrefs; ++*next) {
		const struct ref *r = &o->image->refs[o->first_ref + *next];

		if (r->target == TARGET_OBJECT && is_variable(r->object)) {
			++*next;
			return r->object;
		}
	}
	return NULL;
}

/* What OLD's function used and is gone; of several the first of SIZE, or the first. */
static const struct object *gone_of(const struct object *old, uint64_t size)
{
	const struct object *first = NULL, *o;
	uint32_t next = 0;

	while ((o = next_variable(old, &next))) {
		if (o->size == size)
			return o;
		first = first ? first : o;
	}
	return first;
}

static bool is_told(const struct diff *d, const struct object *o)
{
	for (const struct warning *w = d->warnings; w; w = w->next)
		if (w->id == WARNING_FRESH && !strcmp(w->where, o->name))
			return true;
	return false;
}

static void check_function(struct diff *d, const struct object *func)
{
	const struct object *o, *gone;
	uint32_t next = 0;

	while ((o = next_variable(func, &next))) {
		gone = is_told(d, o) ? NULL : gone_of(func->twin, o->size);
		if (gone)
			warn_add(d, WARNING_FRESH, o->name, "'%s', which '%s' of OLD uses, is gone with what it holds",
				 gone->name, func->name);
	}
}

/* In a process that starts nothing holds anything yet. */
void warn_fresh(struct diff *d)
{
	for (uint32_t i = 0; i < d->npicked && !d->opt.startup; i++)
		if (d->picked[i]->kind == OBJECT_FUNC && d->picked[i]->twin)
			check_function(d, d->picked[i]);
}

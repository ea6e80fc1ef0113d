// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What OLD has and NEW has not. It stays where it is, in OLD's memory; the question is who may still come there.
 *
 * Other modules may, by its name. A library's function that is simply gone is refused: a program that calls it would run
 * with NEW not at all. But where NEW has a function of the same name with other parameters (C++: the parameters are part
 * of the symbol), the old one was an inner matter of the library, as a private member is. It is kept: who calls it from
 * outside, if anybody does, runs the old code, as before. The report names it.
 *
 * Live data may hold its address. The old code is sound as long as what it calls keeps the promises that it was compiled
 * against; a callee whose contract changed and whose entry is redirected breaks them.
 *
 *	int Reader::number(int at);     ->      int Reader::number(int at, int limit);
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include <libiberty/demangle.h>
#include "diff.h"

/* ---- what other modules see -------------------------------------------------------------------------------------- */

/* The name without its parameters, as in Reader::number; NULL: not of C++. The caller frees. */
static char *bare_name(const struct object *o)
{
	return strncmp(o->name, "_Z", 2) ? NULL : cplus_demangle(o->name, DMGL_ANSI);
}

/* NEW added a function of that name. */
static bool is_replaced(const struct image *new, const struct object *old)
{
	char *name = is_code(old) ? bare_name(old) : NULL;
	bool found = false;

	for (uint32_t i = 0; name && i < new->nobjects && !found; i++) {
		const struct object *o = &new->objects[i];
		char *other = o->change == ADDED && is_code(o) ? bare_name(o) : NULL;

		found = other && !strcmp(other, name);
		free(other);
	}
	free(name);
	return found;
}

/* A copy of an inline function, or of a library's variable, that NEW does without is no loss: the old one stays. */
static bool is_gone(const struct image *new, const struct object *o)
{
	return !o->twin && o->exported && !o->weak && !o->copied && o->kind != OBJECT_LABEL && !image_find(new, o->name);
}

/* ---- what old code still calls ----------------------------------------------------------------------------------- */

/* By object of OLD: its address was taken. */
static bool *taken_addresses(const struct image *old)
{
	bool *taken = xcalloc(old->nobjects + 1, sizeof *taken);

	for (uint32_t i = 0; i < old->nrefs; i++) {
		const struct ref *r = &old->refs[i];
		const struct section *s = r->target == TARGET_OBJECT && r->kind != REF_CALL ? image_section_at(old, r->at) : NULL;

		if (s && strncmp(s->name, ".eh_frame", 9))
			taken[r->object - old->objects] = true;
	}
	return taken;
}

static void refuse_broken_calls(struct diff *d, const struct object *o)
{
	for (uint32_t i = 0; i < o->nrefs; i++) {
		const struct ref *r = &d->old->refs[o->first_ref + i];

		if (call_is_at_stake(d, r))
			refuse_add(d, CAUSE_CONTRACT, r->object->name, "'%s', which NEW does without, can still be called", o->name);
	}
}

/* A copy of OLD's that no longer has a twin, but whose code may run again. */
static bool survives(const struct object *o, const bool *taken)
{
	return is_code(o) && o->change == REMOVED && (o->exported || taken[o - o->image->objects]);
}

void refuse_gone(struct diff *d)
{
	struct image *old = d->old;
	bool *taken = taken_addresses(old);

	for (uint32_t i = 0; i < old->nobjects; i++) {
		struct object *o = &old->objects[i];

		if (survives(o, taken))
			refuse_broken_calls(d, o);
		if (!is_gone(d->new, o))
			continue;
		o->kept = is_replaced(d->new, o);
		if (!o->kept)
			refuse_unless_accepted(d, CAUSE_REMOVED, o->name, "%s", "");
	}
	free(taken);
}

// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Static variables of C++ functions that are initialised when control first gets there.
 *
 * A running process may have done that already, and then a changed initialiser has no effect in it. It ends with a call of
 * __cxa_guard_release(), and stands behind a call of that or of __cxa_guard_acquire(); those bytes are compared. They may
 * differ for other reasons, too, so it is a warning.
 *
 *	static const std::map<std::string, int> limits = { { "file", 10 }, { "socket", 20 } };       a row more
 */
#include <string.h>
#include "diff.h"

static bool calls(const struct ref *r, const char *name)
{
	if (r->kind != REF_CALL && r->kind != REF_GOT)
		return false;
	if (r->target == TARGET_IMPORT)
		return is_called(r->import, name);
	return r->target == TARGET_OBJECT && !strcmp(r->object->name, name);
}

static const struct ref *ref_of(const struct object *o, uint32_t i)
{
	return &o->image->refs[o->first_ref + i];
}

/* The next initialiser of O, from reference *NEXT on, is in [*START, *END). */
static bool next_initialiser(const struct object *o, uint32_t *next, uint64_t *start, uint64_t *end)
{
	*start = o->addr;
	for (uint32_t i = 0; i < o->nrefs; i++) {
		const struct ref *r = ref_of(o, i);
		bool release = calls(r, "__cxa_guard_release");

		*end = r->at;
		if (release && i >= *next) {
			*next = i + 1;
			return true;
		}
		if (release || calls(r, "__cxa_guard_acquire"))
			*start = r->at + r->size;
	}
	return false;
}

static bool is_in_old(const struct diff *d, struct object *o, uint64_t start, uint64_t end)
{
	uint64_t from, to, where;
	uint32_t next = 0;

	while (next_initialiser(o->twin, &next, &from, &to))
		if (to - from == end - start && bytes_same(d, o->twin, o, from, start, end - start, &where))
			return true;
	return false;
}

/* The variable that is named in [START, END), NULL: none. */
static const struct object *variable_in(const struct object *o, uint64_t start, uint64_t end)
{
	for (uint32_t i = 0; i < o->nrefs; i++) {
		const struct ref *r = ref_of(o, i);

		if (r->at >= start && r->at < end && r->target == TARGET_OBJECT && !strncmp(r->object->name, "_ZZ", 3) &&
		    r->object->kind == OBJECT_DATA)
			return r->object;
	}
	return NULL;
}

static void check_part(struct diff *d, struct object *o)
{
	uint64_t start, end;
	uint32_t next = 0;

	while (next_initialiser(o, &next, &start, &end)) {
		const struct object *variable = variable_in(o, start, end);

		if ((!variable || variable->twin) && !is_in_old(d, o, start, end))
			warn_add(d, WARNING_ONCE, variable ? variable->name : o->name, "in '%s'", o->name);
	}
}

/* Of a process that starts nothing has run. */
void warn_once(struct diff *d)
{
	for (uint32_t i = 0; i < d->npicked && !d->opt.startup; i++)
		if (d->picked[i]->kind == OBJECT_FUNC && d->picked[i]->twin && d->picked[i]->change == CHANGED)
			check_part(d, d->picked[i]);
}

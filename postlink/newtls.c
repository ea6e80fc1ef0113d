/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The part of refuse about thread-local variables that OLD does not have. Each thread, be it there already or not, has them
 * as zeros (see tls.c), and nothing else: what must start with a value is refused.
 *
 * In C++ a unit's thread-local variables are initialised together when a thread first uses one, and __tls_guard remembers
 * that. A unit that has none of these yet gets a guard, which is zero. But where OLD has the guard, a thread that has passed
 * it would not initialise what is new. Example, with OLD having `a`: thread_local A a(f()), b(g());
 */
#include <string.h>
#include "diff.h"

bool tls_is_zero(const struct object *o)
{
	const struct section *s = o->section;

	for (uint64_t i = 0; !s->nobits && i < o->size; i++)
		if (s->bytes[o->addr - s->addr + i])
			return false;
	return s->nobits || !o->nrefs;
}

/* The address shows it; by chance it shows more. */
uint64_t tls_alignment(const struct object *o)
{
	uint64_t most = o->image->tls_align, shown = o->addr & -o->addr;

	return shown && shown < most ? shown : most;
}

static bool is_new(const struct object *o)
{
	return o->kind == OBJECT_TLS && o->included && !o->twin;
}

static bool has_old_guard(const struct object *o)
{
	for (uint32_t i = 0; o && i < o->nrefs; i++) {
		const struct ref *r = &o->image->refs[o->first_ref + i];

		if (r->target == TARGET_OBJECT && r->object->twin && !strcmp(r->object->name, "__tls_guard"))
			return true;
	}
	return false;
}

/* O, or what it is a part of, asks the guard: that may be the initialisation. */
static void refuse_guarded(struct diff *d, const struct object *o)
{
	for (uint32_t i = 0; i < o->nrefs; i++) {
		const struct ref *r = &o->image->refs[o->first_ref + i];

		if (r->target == TARGET_OBJECT && is_new(r->object) && !left_to_startup(d))
			refuse_unless_accepted(d, CAUSE_NEW_CONSTRUCTOR, r->object->name,
					       "threads that have initialised the unit's others would not initialise it");
	}
}

void refuse_new_tls(struct diff *d)
{
	for (uint32_t i = 0; i < d->npicked; i++) {
		const struct object *o = d->picked[i];

		if (is_new(o) && !tls_is_zero(o))
			refuse_add(d, CAUSE_NEW_TLS, o->name, "%s", "");
		if (o->kind != OBJECT_FUNC || o->hot || !(has_old_guard(o) || has_old_guard(o->cold)))
			continue;
		refuse_guarded(d, o);
		if (o->cold)
			refuse_guarded(d, o->cold);
	}
}

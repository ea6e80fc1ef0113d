// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What no patch reaches: the table of a module's own symbols, and pointers that old code has stored.
 *
 * NEW exports a function that nobody in it calls: who looks for it by name, as dlsym() does, does not find it in OLD.
 *
 * NEW has no function of a name whose address OLD's code took; what takes its place has another name. Objects that live
 * may lead to the old one, and go on calling what OLD has.
 *
 *	file->read = read_all;          ->      file->read = read_some;         and read_all() is gone
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "diff.h"

static void warn_exports(struct diff *d)
{
	for (uint32_t i = 0; i < d->new->nobjects; i++) {
		const struct object *o = &d->new->objects[i];

		if (o->exported && !o->weak && !o->twin && !o->included && o->kind != OBJECT_LABEL && !o->copied)
			warn_add(d, WARNING_EXPORT, o->name, "%s", "");
	}
}

/* Variables that start with its address start otherwise in NEW: that is refused, or accounted for. */
static void warn_left(struct diff *d)
{
	const struct image *old = d->old;

	for (uint32_t i = 0; i < old->nrefs; i++) {
		const struct ref *r = &old->refs[i];
		const struct object *o = r->target == TARGET_OBJECT && r->kind != REF_CALL ? r->object : NULL;
		const struct object *user = o && is_code(o) && o->change == REMOVED && !o->hot && !r->offset ?
			image_object_at(old, r->at) : NULL;

		if (user && user != o && is_code(user))
			warn_add(d, WARNING_LEFT, o->name, "'%s' of OLD takes its address", user->name);
	}
}

void warn_unreached(struct diff *d)
{
	warn_exports(d);
	if (!d->opt.startup)
		warn_left(d);
}

// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Functions and variables to which the source gives a name of the assembler's.
 *
 *	int twice(int n) asm("work_v1");        ->      int square(int n) asm("work_v1");
 *	int square(int n) asm("work_v2");               int twice(int n) asm("work_v2");
 *
 * By their symbols they would be twins crosswise: an address of twice() that an object holds would become one of square(),
 * and a variable would go on with the value of the other. Where NEW calls by such a name what OLD does not, and has what
 * OLD called so under another name, twins are not proven. What other modules use is known to them by its symbol alone, and
 * is what that says.
 */
#include <string.h>
#include "diff.h"
#include "facts.h"

static bool has_label_of_other(const struct object *old, const struct object *new)
{
	const char *was = facts_source_name(old), *now = facts_source_name(new);

	return was && strcmp(was, now ? now : new->name) &&
	       (facts_has_labelled(new->image, was, old->file) || image_find(new->image, was));
}

void labels_doubt(struct diff *d)
{
	for (uint32_t i = 0; i < d->new->nobjects && !hp_broken("labels"); i++) {
		struct object *o = &d->new->objects[i];

		if (o->twin && o->kind != OBJECT_LABEL && (is_code(o) || is_writable(o)) && !o->exported &&
		    has_label_of_other(o->twin, o) && !left_to_startup(d))
			o->ambiguous = o->twin->ambiguous = true;
	}
}

// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Coroutines that are made of a switch, and the objects that say where to go on:
 *
 *	#define YIELD(x) do { *at = __LINE__; return x; case __LINE__:; } while (0)
 *
 * A line that was put in above gives all labels behind it other numbers. An object that lives holds an old one, at which
 * the new function does nothing, or something else. The plugin tells which lines are labels.
 *
 * In GNU C such an object may hold the address of a label instead, `p->place = &&next; ... goto *p->place`. It leads into the
 * old function, whatever changed.
 *
 * A function that differs in nothing but lines stays as it is, and so do its objects' meanings. Lines behind the last
 * label of OLD are new places, at which no object stands.
 */
#include "diff.h"
#include "facts.h"

void refuse_resumed(struct diff *d)
{
	for (uint32_t i = 0; i < d->npicked; i++) {
		const struct object *o = d->picked[i];

		if (is_code(o) && !o->hot && facts_resumes_elsewhere(d->old, o))
			refuse_unless_accepted(d, CAUSE_RESUME, o->name, "%s", "");
		if (is_code(o) && !o->hot && o->twin && facts_holds_places(o->twin))
			refuse_unless_accepted(d, CAUSE_RESUME, o->name, "objects may hold addresses of its labels");
	}
}

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
 * A coroutine of C++ holds the number of its suspension point, counted in the order of the source. Other numbers of points
 * make another frame, which its layout tells. Where there are as many, the plugin tells what is awaited at each
 * (plugin/points.cc): a point that awaits in NEW what another one did in OLD, which does not any more, has moved.
 *
 * A function that differs in nothing but lines stays as it is, and so do its objects' meanings. Lines behind the last
 * label of OLD are new places, at which no object stands.
 */
#include <string.h>
#include "diff.h"
#include "facts.h"

/* The K-th word of LIST, with the blank behind it; NULL: it has no more. */
static const char *word(const char *list, uint32_t k)
{
	for (; list && k; k--)
		list = strchr(list, ' ') ? strchr(list, ' ') + 1 : NULL;
	return list && *list ? list : NULL;
}

static bool same_word(const char *a, const char *b)
{
	size_t n = strcspn(a, " ");

	return n == strcspn(b, " ") && !strncmp(a, b, n);
}

/* OLD awaited this at a point, at which NEW awaits something else. */
static bool was_elsewhere(const char *old, const char *new, const char *point)
{
	const char *was, *now;

	for (uint32_t k = 0; (was = word(old, k)) && (now = word(new, k)); k++)
		if (same_word(was, point) && !same_word(now, point))
			return true;
	return false;
}

static bool points_moved(const char *old, const char *new)
{
	const char *was, *now;

	for (uint32_t k = 0; old && new && (was = word(old, k)) && (now = word(new, k)); k++)
		if (!same_word(was, now) && was_elsewhere(old, new, now))
			return true;
	return false;
}

void refuse_resumed(struct diff *d)
{
	for (uint32_t i = 0; i < d->npicked; i++) {
		const struct object *o = d->picked[i];

		if (is_code(o) && !o->hot && facts_resumes_elsewhere(d->old, o))
			refuse_unless_accepted(d, CAUSE_RESUME, o->name, "%s", "");
		if (is_code(o) && !o->hot && o->twin && facts_holds_places(o->twin))
			refuse_unless_accepted(d, CAUSE_RESUME, o->name, "objects may hold addresses of its labels");
		if (is_code(o) && !o->hot && o->twin && points_moved(facts_points(o->twin), facts_points(o)))
			refuse_unless_accepted(d, CAUSE_RESUME, o->name, "its suspension points changed their order");
	}
}

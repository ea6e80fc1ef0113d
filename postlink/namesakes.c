// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Files of one name. The linked file tells of a local symbol which file it is of by the last part of its path, so a
 * variable that goes in client/util.c looks as if it were the one that comes in server/util.c, which then would start
 * with what the other held.
 *
 * So where several files of OLD or NEW have the name, each must be seen to be the same: something that is certain (a
 * global, what is of another file, or of one that is known already) refers to a thing of the one in OLD, and to its
 * twin in NEW. Twins of files of which that is not so are not proven.
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "diff.h"

/* By STT_FILE symbol of OLD, that of NEW; 0: not known yet. */
struct files { struct diff *d; uint32_t *now; };

/* Local twins of files of one name, which is not only theirs. */
static bool is_in_question(const struct object *new)
{
	const struct object *old = new->twin;

	return old && !old->global && !new->global && (old->namesake || new->namesake) && !strcmp(old->file, new->file);
}

static bool is_certain(const struct files *f, const struct object *new)
{
	return new->twin && (!is_in_question(new) || f->now[new->twin->unit] == new->unit);
}

/* True when a file became known by what USER refers to. */
static bool learn_from(struct files *f, const struct object *user)
{
	bool learned = false;

	for (uint32_t i = 0; i < user->nrefs; i++) {
		const struct ref *r = &user->image->refs[user->first_ref + i];
		const struct object *o = r->target == TARGET_OBJECT ? r->object : NULL;

		if (!o || !is_in_question(o) || f->now[o->twin->unit] || !object_refers_to(user->twin, o->twin))
			continue;
		f->now[o->twin->unit] = o->unit;
		learned = true;
	}
	return learned;
}

static bool learn(struct files *f)
{
	const struct image *new = f->d->new;
	bool learned = false;

	for (uint32_t i = 0; i < new->nobjects; i++)
		if (is_certain(f, &new->objects[i]))
			learned |= learn_from(f, &new->objects[i]);
	return learned;
}

static uint32_t last_unit(const struct image *img)
{
	uint32_t last = 0;

	for (uint32_t i = 0; i < img->nobjects; i++)
		last = img->objects[i].unit > last ? img->objects[i].unit : last;
	return last;
}

static bool any_in_question(const struct image *new)
{
	for (uint32_t i = 0; i < new->nobjects; i++)
		if (is_in_question(&new->objects[i]))
			return true;
	return false;
}

/* Of a constant the content says all. In a process that starts no variable holds anything yet. */
static void doubt(struct files *f)
{
	struct image *new = f->d->new;

	for (uint32_t i = 0; i < new->nobjects; i++) {
		struct object *o = &new->objects[i];

		if (!o->twin || o->kind == OBJECT_LABEL || !(is_code(o) || is_writable(o)) || is_certain(f, o))
			continue;
		if (!left_to_startup(f->d))
			o->ambiguous = o->twin->ambiguous = true;
	}
}

void namesakes_doubt(struct diff *d)
{
	struct files f = { d, NULL };

	if (!any_in_question(d->new) || hp_broken("namesakes"))
		return;
	f.now = xcalloc(last_unit(d->old) + 1ull, sizeof *f.now);
	while (learn(&f))
		;
	doubt(&f);
	free(f.now);
}

// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Variables that nobody writes.
 *
 * Many a table is a constant but for the word. Such a variable has its initial value as long as the program lives, so a
 * patch may treat it as a constant: NEW's goes into the patch, and all who use it with it. That nobody writes is what
 * the compiler says, unit by unit (R facts): no code of the unit writes to the variable or lets its address go where it
 * does not see it. All that name the variable must be of units that say so.
 *
 *	static struct command commands[] = { { "get", get }, { NULL } };        get gets company: no live data changes
 *
 * Left out is what other modules may know by its name, and a variable of the program that other data leads to. One that
 * only OLD or only NEW writes to is a variable, and one that OLD lacks may have been written by an earlier patch
 * (--after).
 */
#include <stdlib.h>
#include <libiberty/libiberty.h>
#include "diff.h"
#include "facts.h"

static bool may_be_constant(const struct object *o)
{
	return o->kind == OBJECT_DATA && is_writable(o) && !o->exported && !o->copied && !o->section->walked &&
	       !o->ambiguous && !o->aliases;
}

/* All units of the function USER only read O. */
static bool reads(const struct object *user, const struct object *o)
{
	const char *unit, *type;
	struct fact *f = NULL;
	bool any = false;

	while ((unit = facts_unit(user, &f, &type))) {
		if (!may_be_of_unit(user, unit))
			continue;
		if (!facts_only_read(o, unit))
			return false;
		any = true;
	}
	return any;
}

/* A part that the compiler split off is of the unit of the whole. */
static const struct object *whole(const struct object *o)
{
	return o && o->hot ? o->hot : o;
}

/* Data of USER, NULL for nameless ones, lead to what R names, and the unit that has them only reads it. Not assembler code
 * without a function. */
static bool is_held(const struct image *img, const struct ref *r, const struct object *user)
{
	return !r->object->global && !image_has_code_at(img, r->at) && (!user || facts_only_read(r->object, user->file));
}

static bool is_no_use(const struct image *img, const struct ref *r)
{
	const struct section *s = image_section_at(img, r->at);

	return !s || !s->addr;
}

/* A name that the linker made of another one (--defsym, an assignment of its script) has no size. */
static void drop_by_name(const struct image *img, bool *good, const struct object *label)
{
	struct object *o = label->kind == OBJECT_LABEL && label->section ? image_object_at(img, label->addr) : NULL;

	if (o && good[o - img->objects] && facts_written(label))
		good[o - img->objects] = false;
}

/* By object: it may be taken for a constant. */
static bool *constants(const struct image *img)
{
	bool *good = xcalloc(img->nobjects + 1, sizeof *good);

	for (uint32_t i = 0; i < img->nobjects; i++) {
		const struct object *o = &img->objects[i];

		good[i] = may_be_constant(o) && facts_only_read(o, o->file);
	}
	for (uint32_t i = 0; i < img->nobjects; i++)
		drop_by_name(img, good, &img->objects[i]);
	for (uint32_t i = 0; i < img->nrefs; i++) {
		const struct ref *r = &img->refs[i];
		bool *mark = r->target == TARGET_OBJECT ? &good[r->object - img->objects] : NULL;
		const struct object *user = mark && *mark ? whole(image_object_at(img, r->at)) : NULL;

		if (!mark || !*mark || user == r->object || is_no_use(img, r))
			continue;
		*mark = user && is_code(user) ? reads(user, r->object) : is_held(img, r, user);
	}
	return good;
}

void unwritten_mark(struct diff *d)
{
	bool *old = constants(d->old), *new = constants(d->new);

	for (uint32_t i = 0; i < d->new->nobjects; i++) {
		struct object *o = &d->new->objects[i], *twin = o->twin;

		if (twin && (!is_writable(twin) || old[twin - d->old->objects]) && (!is_writable(o) || new[i]))
			o->unwritten = new[i], twin->unwritten = old[twin - d->old->objects];
	}
	free(old);
	free(new);
}

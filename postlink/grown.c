// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Variables that got another size, for processes that start (--startup).
 *
 * Behind a variable of OLD there is no room. But in a process that starts with the patch nobody has used it yet, so NEW's
 * gets a place of its own in the reserve: the two are no twins any more. All code that names it names something else
 * than before and goes into the patch; pointers to it in other variables are initial values that changed.
 *
 *	static struct { int used; } pool;       ->      static struct { int used, most; } pool;
 *
 * Left out is what others find without naming it in this module: by its symbol, or as a part of a section of its own.
 */
#include <string.h>
#include "diff.h"

/* The linker's sections for all variables; another section may be a table that somebody walks. */
static bool is_common_place(const struct section *s)
{
	return !strcmp(s->name, ".data") || !strcmp(s->name, ".bss");
}

static bool has_another_size(const struct object *o)
{
	return o->kind == OBJECT_DATA && o->twin && o->size != o->twin->size && is_writable(o) && is_writable(o->twin);
}

static bool variable_is_private(const struct object *o)
{
	for (const struct alias *a = o->aliases; a; a = a->next)
		if (a->exported)
			return false;
	return !o->exported && !o->copied && is_common_place(o->section);
}

void grown_part(struct diff *d)
{
	for (uint32_t i = 0; d->opt.startup && i < d->new->nobjects; i++) {
		struct object *o = &d->new->objects[i];

		if (!has_another_size(o) || o->ambiguous || !variable_is_private(o) || !variable_is_private(o->twin))
			continue;
		if (o->size < o->twin->size && is_accepted(d, CAUSE_DATA_SIZE, o->name))
			continue;
		accepted_add(d, CAUSE_DATA_SIZE, o->name, "%llu bytes, was %llu; it gets a new place",
			     (unsigned long long)o->size, (unsigned long long)o->twin->size);
		o->moved = o->twin->moved = true;
		o->twin = o->twin->twin = NULL;
		d->startup_only = true;
	}
}

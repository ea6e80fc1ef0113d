// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Sections that code walks from end to end.
 *
 * GNU ld defines __start_NAME and __stop_NAME for a section whose name is a C identifier, if somebody asks. Entries are put
 * there by all units, and no code names one of them; so an entry that is new, gone, or elsewhere in the row changes what the
 * program does without a changed reference. No patch can make the section longer: that is refused. An entry that only
 * changed does so where it stands (inplace.c), or is a variable like others.
 *
 *	#define COMMAND(f) static const struct command f##_command __attribute__((section("commands"), used)) = { #f, f }
 *	for (const struct command *c = __start_commands; c < __stop_commands; c++)
 *
 * An entry may hold places in code, as a table of instructions that may fault does. A copy of that code in the patch would not
 * be in the table: that is refused, too. And the code of such a section itself is where its ends say, which a program may
 * ask of an address; no new code would be there.
 *
 * A linker script of the user's own may give other names to the ends; then code refers to a place in the section that is no
 * variable. Left out: such places in the sections that hold all variables.
 *
 * A static program has those of the GNU C library. Of the tables of its streams' functions it asks only whether an address
 * lies among them, before each use: their order is nothing, and a new one counts if the patch uses it. What is to be freed
 * for tools that look for leaks, it frees when they ask; what a patch brings would not be.
 */
#include <string.h>
#include <libiberty/libiberty.h>
#include "diff.h"

static bool is_for_leak_checkers(const struct section *s)
{
	return !strcmp(s->name, "__libc_freeres_ptrs") || !strcmp(s->name, "__libc_subfreeres");
}

/* The plugin's own and those of the C library's start are made alike in both builds, whatever is in them. */
static bool is_own(const struct section *s)
{
	return s && strncmp(s->name, "hp_", 3) && !is_for_leak_checkers(s);
}

static bool is_walkable(const struct section *s)
{
	return is_own(s) && !s->exec;
}

static bool is_range(const struct section *s)
{
	return !strcmp(s->name, "__libc_IO_vtables");
}

/* Name of the section of which O is an end; NULL: of none. */
static const char *walked_section(const struct object *o)
{
	if (o->kind != OBJECT_LABEL)
		return NULL;
	return !strncmp(o->name, "__start_", 8) ? o->name + 8 : !strncmp(o->name, "__stop_", 7) ? o->name + 7 : NULL;
}

bool is_end_of_section(const struct object *o)
{
	return walked_section(o);
}

static void mark(struct image *img)
{
	for (uint32_t i = 0; i < img->nobjects; i++) {
		const char *name = walked_section(&img->objects[i]);
		struct section *s = name ? image_section_named(img, name) : NULL;

		if (is_own(s))
			s->walked = true;
	}
}

/* The linker's, for all variables; gold has two of constants with addresses. */
bool is_common_place(const struct section *s)
{
	static const char *const names[] = { ".data", ".bss", ".rodata", ".data.rel.ro", ".data.rel.ro.local", ".tdata", ".tbss" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(s->name, names[i]))
			return true;
	return false;
}

/* The startup code names places, too. */
static void mark_named(struct image *img)
{
	for (uint32_t i = 0; i < img->nrefs; i++) {
		const struct ref *r = &img->refs[i];
		const struct object *place = r->target == TARGET_OBJECT && r->object->kind == OBJECT_LABEL ? r->object : NULL;
		const struct object *user = place ? image_object_at(img, r->at) : NULL;
		struct section *s = user && is_code(user) && !is_start_up(user) ? place->section : NULL;

		if (is_walkable(s) && !is_common_place(s) && !is_made_section(s) && s->nobjects)
			s->walked = true;
	}
}

void walked_mark(struct diff *d)
{
	mark(d->old);
	mark(d->new);
	mark_named(d->old);
	mark_named(d->new);
}

static bool has_twin_in(const struct object *o, const struct section *other)
{
	return o->twin && other && o->twin->section == other && o->size == o->twin->size;
}

/* Entries of S without a counterpart in OTHER; where all have one, those that stand elsewhere. True when there are any. */
static bool refuse_entries(struct diff *d, const struct image *img, const struct section *s, const struct section *other,
			   bool elsewhere, const char *what)
{
	const struct object *o = img->objects + s->first_object, *end = o + s->nobjects;
	bool any = false;

	for (; o < end; o++) {
		bool same = has_twin_in(o, other) && (!elsewhere || o->addr - s->addr == o->twin->addr - other->addr);

		if (o->kind == OBJECT_LABEL || same)
			continue;
		refuse_add(d, CAUSE_WALKED, o->name, "%s '%s'", what, s->name);
		any = true;
	}
	return any;
}

/* Places inside of functions that are in the patch, held in section S of OLD. */
static void refuse_places(struct diff *d, const struct section *s)
{
	for (uint32_t i = s->first_ref; i < s->first_ref + s->nrefs; i++) {
		const struct ref *r = &d->old->refs[i];
		const struct object *func = r->target == TARGET_OBJECT && is_code(r->object) && r->offset ? r->object->twin : NULL;

		if (func && func->included)
			refuse_add(d, CAUSE_WALKED, func->name, "'%s' holds places in its code", s->name);
	}
}

/* New ones of a section of which code asks whether an address lies in it. */
static void refuse_outside_range(struct diff *d, const struct section *s)
{
	const struct object *o = d->new->objects + s->first_object, *end = o + s->nobjects;

	for (; o < end; o++)
		if (o->included && o->kind != OBJECT_LABEL)
			refuse_add(d, CAUSE_WALKED, o->name, "it is new in '%s', and code checks that it lies there", s->name);
}

static void refuse_code(struct diff *d)
{
	for (uint32_t i = 0; i < d->npicked; i++) {
		const struct object *o = d->picked[i];

		if (is_code(o) && o->section->walked)
			refuse_add(d, CAUSE_WALKED, o->name, "new code can't stand in '%s'", o->section->name);
	}
}

void refuse_walked(struct diff *d)
{
	refuse_code(d);
	for (uint32_t i = 0; i < d->old->nsections; i++) {
		const struct section *old = &d->old->sections[i], *new = old->walked ? image_section_named(d->new, old->name) : NULL;
		bool differs;

		if (!old->walked || old->exec)
			continue;
		refuse_places(d, old);
		if (is_range(old)) {
			if (new)
				refuse_outside_range(d, new);
			continue;
		}
		differs = refuse_entries(d, d->old, old, new, false, "it is gone from");
		if (new)
			differs |= refuse_entries(d, d->new, new, old, false, "it is new in");
		if (differs)
			continue;
		if (new && new->size == old->size)
			refuse_entries(d, d->new, new, old, true, "it stands elsewhere in");
		else
			refuse_add(d, CAUSE_WALKED, old->name, "its size changed");
	}
}

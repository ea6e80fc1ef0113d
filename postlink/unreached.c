// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What no patch reaches: the table of a module's own symbols, pointers that old code has stored, and what the dynamic linker
 * did when it loaded the module.
 *
 * NEW exports a function that nobody in it calls, or by a name that was the module's own before (a linker script, an alias,
 * hidden no more): who looks for it by name, as dlsym() does, does not find it in OLD, nor does another module's take its
 * place.
 *
 * NEW has no function of a name whose address OLD's code took; what takes its place has another name. Objects that live
 * may lead to the old one, and go on calling what OLD has.
 *
 *	file->read = read_all;          ->      file->read = read_some;         and read_all() is gone
 *
 * An inline function of a header that a library shares with others: each has a copy, and of those that are exported the
 * dynamic linker has taken one for all, which may well be another module's.
 */
#include <elf.h>
#include <string.h>
#include "diff.h"

static void warn_export(struct diff *d, const struct object *o, const char *name)
{
	if (o->twin ? !exports(d->old, name) : !o->included)
		warn_add(d, WARNING_EXPORT, name, "%s", "");
}

static void warn_exports(struct diff *d)
{
	if (exports(d->new, "main") && !exports(d->old, "main")) {
		warn_add(d, WARNING_EXPORT, "main", "and so are all others, by -rdynamic");
		return;
	}
	for (uint32_t i = 0; i < d->new->nobjects; i++) {
		const struct object *o = &d->new->objects[i];

		if (!o->global || o->weak || o->kind == OBJECT_LABEL || o->copied)
			continue;
		if (o->exported)
			warn_export(d, o, o->name);
		for (const struct alias *a = o->aliases; a && is_code(o); a = a->next)     /* data are called __bss_start */
			if (a->exported)
				warn_export(d, o, a->name);
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

/* Not whether symbols are bound at once, or that it is a program: the patch has its own ways, and the kind is compared. */
static uint64_t flags_of(const struct image *img)
{
	uint64_t flags;

	return image_dynamic(img, DT_FLAGS_1, 0, &flags) ? flags & ~(uint64_t)(DF_1_NOW | DF_1_PIE | DF_1_ORIGIN) : 0;
}

static void warn_path(struct diff *d, int64_t tag, const char *tag_name)
{
	const char *was = image_dynamic_name(d->old, tag, 0), *now = image_dynamic_name(d->new, tag, 0);

	if (strcmp(was ? was : "", now ? now : ""))
		warn_add(d, WARNING_LOADED, d->opt.new_path, "%s is '%s', was '%s'", tag_name, now ? now : "", was ? was : "");
}

/* A new library is refused. */
static void warn_loaded(struct diff *d)
{
	uint64_t was = flags_of(d->old), now = flags_of(d->new);
	const char *name;

	warn_path(d, DT_RPATH, "DT_RPATH");
	warn_path(d, DT_RUNPATH, "DT_RUNPATH");

	if (was != now)
		warn_add(d, WARNING_LOADED, d->opt.new_path, "DT_FLAGS_1 is 0x%llx, was 0x%llx", (unsigned long long)now,
			 (unsigned long long)was);
	for (uint32_t n = 0; (name = image_dynamic_name(d->old, DT_NEEDED, n)); n++)
		if (!image_needs(d->new, name))
			warn_add(d, WARNING_LOADED, d->opt.new_path, "it does not need '%s' any more", name);
}

/* What a program exports comes before all others. */
static void warn_copies(struct diff *d)
{
	for (uint32_t i = 0; i < d->npicked && d->new->kind == IMAGE_SHARED; i++) {
		const struct object *o = d->picked[i];

		if (is_code(o) && o->redirected && o->weak && o->exported)
			warn_add(d, WARNING_COPIES, o->name, "%s", "");
	}
}

void warn_unreached(struct diff *d)
{
	warn_loaded(d);
	warn_exports(d);
	warn_copies(d);
	if (!d->opt.startup)
		warn_left(d);
}

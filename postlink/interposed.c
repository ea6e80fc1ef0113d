// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Symbols that NEW exports and OLD does not, and that other modules may have, too.
 *
 * Of what has one name in several modules the dynamic linker takes one, the first, for all of them. A patch cannot make a
 * symbol known to it: NEW's functions would have their own variable, and the other modules theirs; or other modules would
 * go on to call their own function.
 *
 *	inline Registry &registry() { static Registry r; return r; }    in a header, used by a library, and by NEW, too
 *	void *operator new(size_t n) { ... }                            NEW brings it, the C++ library has it
 *
 * A program exports what a library that it is linked with refers to or has, so such a symbol is certain; with -rdynamic
 * everything, as a library does. There a variable that C++ makes one of all (weak, unique) is in doubt, and so is what OLD
 * had from another module. Copies of inline functions and of constants are alike in all modules.
 *
 * The other way round, a symbol that only OLD exports: others go on to come to OLD's.
 */
#include <string.h>
#include <libiberty/libiberty.h>
#include "diff.h"
#include "facts.h"

static bool imports(const struct image *img, const char *name)
{
	for (uint32_t i = 0; i < img->nplts; i++)
		if (img->plts[i].import && is_called(img->plts[i].import, name))
			return true;
	for (uint32_t i = 0; i < img->ngots; i++)
		if (img->gots[i].import && is_called(img->gots[i].import, name))
			return true;
	return false;
}

/* Nobody but the startup code needs main(). */
static bool exports_all(const struct image *img)
{
	return img->kind == IMAGE_SHARED || exports(img, "main");
}

/* Takes the place that it is given: <new> has it as a function at -O0. */
static bool is_placement(const char *name)
{
	static const char *const names[] = { "_ZnwmPv", "_ZnamPv", "_ZdlPvS_", "_ZdaPvS_" };

	return index_of_name(name, names, ARRAY_SIZE(names)) >= 0;
}

/* Made to be replaced: a module that has one means to serve all. */
static bool is_allocator(const char *name)
{
	static const char *const names[] = { "malloc", "calloc", "realloc", "free", "memalign", "aligned_alloc", "posix_memalign" };
	static const char *const starts[] = { "_Znw", "_Zna", "_Zdl", "_Zda" };

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		if (!strncmp(name, starts[i], strlen(starts[i])))
			return !is_placement(name);
	return index_of_name(name, names, ARRAY_SIZE(names)) >= 0;
}

static bool is_shared(const struct diff *d, const struct object *o, const char *name, bool all)
{
	if (o->weak || o->unique)
		return !is_code(o) && is_writable(o) && o->included;
	return !all || is_allocator(name) || imports(d->old, name);
}

static void refuse_name(struct diff *d, const struct object *o, const char *name, bool all)
{
	if (!exports(d->old, name) && is_shared(d, o, name, all))
		refuse_unless_accepted(d, CAUSE_INTERPOSED, name, "%s", "");
}

/* What is exported by one name in both: nearly all. */
static bool is_exported_as_before(const struct object *o)
{
	const struct object *t = o->twin;

	return t && o->exported == t->exported && !o->aliases && !t->aliases && !strcmp(o->name, t->name);
}

/* Of a program that does not export all. Without a twin it is gone.c's. */
static void refuse_no_more(struct diff *d)
{
	for (uint32_t i = 0; i < d->old->nobjects; i++) {
		const struct object *o = &d->old->objects[i];

		if (o->exported && o->twin && o->kind != OBJECT_LABEL && !o->weak && !o->unique && !o->copied &&
		    !is_exported_as_before(o) && !exports(d->new, o->name))
			refuse_unless_accepted(d, CAUSE_INTERPOSED, o->name, "NEW does not export it any more");
	}
}

/* libstdc++.a has it for a program that used none of this name, and there is no other module. */
static bool is_first_allocator(const struct diff *d, const struct object *o)
{
	return (d->old->kind == IMAGE_STATIC || d->old->kind == IMAGE_STATIC_PIE) && !facts_known(o);
}

/* What lives came from another allocator, whoever knows of this one. */
static void refuse_allocator(struct diff *d, const struct object *o)
{
	if (!is_first_allocator(d, o) && is_code(o) && o->global && !o->twin && is_allocator(o->name) && !d->opt.startup)
		refuse_unless_accepted(d, CAUSE_INTERPOSED, o->name, "objects that live came from another allocator");
}

void refuse_interposed(struct diff *d)
{
	bool all = exports_all(d->new);

	if (!exports_all(d->old))
		refuse_no_more(d);

	for (uint32_t i = 0; i < d->new->nobjects; i++) {
		const struct object *o = &d->new->objects[i];

		if (o->kind == OBJECT_LABEL || o->copied || is_exported_as_before(o))
			continue;
		refuse_allocator(d, o);
		if (o->exported && exports(d->new, o->name))
			refuse_name(d, o, o->name, all);
		for (const struct alias *a = o->aliases; a; a = a->next)
			if (a->exported)
				refuse_name(d, o, a->name, all);
	}
}

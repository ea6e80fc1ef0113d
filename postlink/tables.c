// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Tables of functions that change in place (inplace.c), and other modules that call through them.
 *
 * Code of this module that calls through such a table was compiled for NEW where that makes a difference, and nobody is
 * under way in what it was when the table changes. Other modules go on as they were: to them a slot must lead to what it
 * led to, the same method of the class or of one derived from it, or, in a table that C code made, a function of the
 * same type. A table of a class is theirs even where its symbol is not exported, since its objects may be.
 *
 *	virtual int area(int) const;            ->      virtual int area(int, int) const;
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include <libiberty/demangle.h>
#include "diff.h"

/* ---- methods ----------------------------------------------------------------------------------------------------- */

/* Behind the last "::" that is not inside of <>. */
static const char *last_part(const char *name)
{
	const char *last = name;
	int depth = 0;

	for (const char *p = name; *p; p++) {
		depth += (*p == '<') - (*p == '>');
		if (!depth && p[0] == ':' && p[1] == ':')
			last = p + 2;
	}
	return last;
}

/* "area(int) const" of a method of any class, "~" of a destructor; NULL: not of C++. The caller frees. */
static char *method_of(const struct object *func)
{
	char *bare = strncmp(func->name, "_Z", 2) ? NULL : cplus_demangle(func->name, DMGL_ANSI);
	char *full = bare ? cplus_demangle(func->name, DMGL_ANSI | DMGL_PARAMS) : NULL, *method = NULL;
	size_t n = full ? strlen(bare) : 0;

	if (full && !strncmp(full, bare, n))
		method = *last_part(bare) == '~' ? xstrdup("~") : concat(last_part(bare), full + n, NULL);
	free(bare);
	free(full);
	return method;
}

static bool is_same_method(const struct object *old, const struct object *new)
{
	char *a = method_of(old), *b = method_of(new);
	bool same = a && b && !strcmp(a, b);

	free(a);
	free(b);
	return same;
}

/* ---- slots ------------------------------------------------------------------------------------------------------- */

static bool is_vtable(const struct object *o)
{
	return !strncmp(o->name, "_ZTV", 4);
}

static bool is_seen_by_others(const struct diff *d, const struct object *table)
{
	return table->exported || (is_vtable(table) && d->new->kind == IMAGE_SHARED);
}

/* A library's own function, exported, stands under its name. */
static const struct object *own_function(const struct image *img, const char *import)
{
	const struct object *o = image_find_import(img, import);

	return o && is_code(o) ? o : NULL;
}

/* What the word at addr leads to; NULL: to no function of this module, as a pure virtual one's does. */
static const struct object *callee_at(const struct image *img, uint64_t addr)
{
	uint32_t n;
	const struct ref *r = image_refs_in(img, addr, addr + 1, &n);

	if (!n || r->at != addr || r->offset)
		return NULL;
	if (r->target == TARGET_IMPORT)
		return own_function(img, r->import);
	return r->target == TARGET_OBJECT && is_code(r->object) ? r->object : NULL;
}

static void refuse_slot(struct diff *d, const struct object *table, uint64_t offset)
{
	const struct object *now = callee_at(d->new, table->addr + offset), *was = callee_at(d->old, table->twin->addr + offset);

	if (now && was && now->twin != was && !(is_vtable(table) ? is_same_method : function_types_same)(was, now))
		refuse_unless_accepted(d, CAUSE_SIGNATURE, now->name, "it is in the place of '%s' in '%s' at +0x%llx, and other "
				       "modules may call it there", was->name, table->name, (unsigned long long)offset);
}

void refuse_tables(struct diff *d)
{
	for (uint32_t i = 0; i < d->nvalues; i++) {
		const struct value *v = &d->values[i];

		if (!v->constant || !v->active || !is_seen_by_others(d, v->object))
			continue;
		for (uint64_t at = v->offset & ~7ull; at < v->offset + v->size; at += 8)
			refuse_slot(d, v->object, at);
	}
}

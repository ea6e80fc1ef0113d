// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Symbols that NEW exports and OLD does not, and that NEW uses itself through its PLT or GOT, as a library does with all
 * that is not hidden. Such a reference looks like an import, but the patched module does not export the symbol, so no
 * search would find it: it is to the function or variable of NEW itself. From here on it says so.
 *
 * What is lost is interposition: in NEW, a program that defines the same symbol would be asked first, see interposed.c. A
 * symbol that OLD exports too stays an import, bound as the old module binds it.
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "diff.h"

struct own { const char *name; struct object *object; };
struct owns { struct own *list; size_t count; };

bool exports(const struct image *img, const char *name)
{
	const struct object *o = image_find(img, name);

	if (!o || !strcmp(o->name, name))
		return o && o->exported;
	for (const struct alias *a = o->aliases; a; a = a->next)
		if (!strcmp(a->name, name))
			return a->exported;
	return false;
}

static void add(struct owns *own, const struct image *old, const char *name, struct object *o)
{
	if (exports(old, name))
		return;
	if (!(own->count & (own->count + 1)))           /* 0, 1, 3, 7, ... are full */
		own->list = xrealloc(own->list, (2 * own->count + 1) * sizeof *own->list);
	own->list[own->count++] = (struct own){ name, o };
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct own *)a)->name, ((const struct own *)b)->name);
}

static struct owns collect(const struct diff *d)
{
	struct owns own = { NULL, 0 };

	for (uint32_t i = 0; i < d->new->nobjects; i++) {
		struct object *o = &d->new->objects[i];

		if (o->kind == OBJECT_LABEL)
			continue;
		if (o->exported)
			add(&own, d->old, o->name, o);
		for (const struct alias *a = o->aliases; a; a = a->next)
			if (a->exported)
				add(&own, d->old, a->name, o);
	}
	if (own.count)
		qsort(own.list, own.count, sizeof *own.list, by_name);
	return own;
}

/* IMPORT may end in @VERSION. */
static struct object *find(const struct owns *own, const char *import)
{
	char *name = xstrndup(import, strcspn(import, "@"));
	struct own key = { name, NULL }, *found = bsearch(&key, own->list, own->count, sizeof key, by_name);

	free(name);
	return found ? found->object : NULL;
}

static void turn(struct ref *r, struct object *o)
{
	r->target = TARGET_OBJECT;
	r->object = o;
	r->addr = o->addr + r->offset;
}

void own_symbols(struct diff *d)
{
	struct owns own = collect(d);

	for (uint32_t i = 0; own.count && i < d->new->nrefs; i++) {
		struct ref *r = &d->new->refs[i];
		struct object *o = r->target == TARGET_IMPORT ? find(&own, r->import) : NULL;

		if (o)
			turn(r, o);
	}
	free(own.list);
}

void own_take(struct diff *d, struct object *o)
{
	for (uint32_t i = 0; i < d->new->nrefs; i++) {
		struct ref *r = &d->new->refs[i];

		if (r->target == TARGET_IMPORT && is_called(r->import, o->name))
			turn(r, o);
	}
}

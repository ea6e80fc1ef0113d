// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which variable does an address outside of every variable's bounds mean?
 *
 * GCC folds `tab[c - 'a']` into tab-97 and the end of a loop over `arr` into arr+16; the assembler writes a local symbol
 * as its section and an offset, so that the address looks like a part of a neighbour, and in NEW the neighbour may be
 * another one. The plugin records those places (B of plugin/FACTS). Here a reference of the function, at one of the
 * addresses recorded for it, is given back to its variable. All other references of a function with facts are then
 * within bounds: what stands at the start of a variable means that variable, not the end of the one before.
 *
 * An address that the function refers to more than once stays doubtful (ref.edge): one of the uses may be the neighbour.
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include <libiberty/hashtab.h>
#include "diff.h"

/* ---- objects by name --------------------------------------------------------------------------------------------- */

/* The objects that B facts name: functions and variables. */
struct named { const char *name; struct object **object; uint32_t n; };

static hashval_t named_hash(const void *p)
{
	return htab_hash_string(((const struct named *)p)->name);
}

static int named_eq(const void *p, const void *q)
{
	return !strcmp(((const struct named *)p)->name, ((const struct named *)q)->name);
}

static void named_free(void *p)
{
	free((char *)((struct named *)p)->name);
	free(((struct named *)p)->object);
	free(p);
}

static void want(htab_t names, const char *name, size_t n)
{
	struct named *w = xcalloc(1, sizeof *w);
	void **slot;

	w->name = xstrndup(name, n);
	slot = htab_find_slot(names, w, INSERT);
	if (*slot)
		named_free(w);
	else
		*slot = w;
}

static void add_object(htab_t names, const char *name, struct object *o)
{
	struct named key = { .name = name }, *w = htab_find(names, &key);

	if (!w)
		return;
	w->object = xrealloc(w->object, (w->n + 1) * sizeof *w->object);
	w->object[w->n++] = o;
}

/* NAME as UNIT sees it: its own local one, else the global one. */
static struct object *lookup(htab_t names, const char *unit, const char *name, size_t n)
{
	char *text = xstrndup(name, n);
	struct named key = { .name = text }, *w = htab_find(names, &key);
	struct object *global = NULL, *local = NULL;
	uint32_t nlocal = 0;

	for (uint32_t i = 0; w && i < w->n; i++) {
		if (w->object[i]->global)
			global = w->object[i];
		else if (w->object[i]->file && !strcmp(w->object[i]->file, unit) && ++nlocal)
			local = w->object[i];
	}
	free(text);
	return nlocal > 1 ? NULL : local ? local : global;
}

/* ---- one list ---------------------------------------------------------------------------------------------------- */

/* Takes "SYMBOL OFFSET," off the list; false at its end. */
static bool next_place(const char **list, const char **symbol, size_t *n, int64_t *offset)
{
	const char *p = *list;
	char *end;

	*symbol = p;
	*n = strcspn(p, " ,");
	if (!*n || p[*n] != ' ')
		return false;
	*offset = strtoll(p + *n + 1, &end, 10);
	*list = end + (*end == ',');
	return true;
}

static void give_back(struct ref *r, struct object *to, int64_t offset, bool doubtful)
{
	r->target = TARGET_OBJECT;
	r->object = to;
	r->offset = offset;
	r->edge = doubtful;
}

static bool may_mean(const struct ref *r, const struct object *to, uint64_t addr)
{
	if (r->addr != addr || r->literal || r->kind == REF_CALL || r->kind == REF_GOT)
		return false;
	return r->target == TARGET_ANON || (r->target == TARGET_OBJECT && r->object != to);
}

static void settle_refs(struct image *img, uint32_t first, uint32_t n, struct object *to, int64_t offset)
{
	uint64_t addr = to->addr + offset;
	uint32_t found = 0;

	for (uint32_t i = 0; i < n; i++)
		found += may_mean(&img->refs[first + i], to, addr);
	for (uint32_t i = 0; found && i < n; i++)
		if (may_mean(&img->refs[first + i], to, addr))
			give_back(&img->refs[first + i], to, offset, found > 1);
}

static void settle_data(struct image *img, const char *unit, struct object *to, int64_t offset)
{
	for (uint32_t i = 0; i < img->nobjects; i++) {
		struct object *o = &img->objects[i];

		if (o->kind == OBJECT_DATA && o->nrefs && (!o->file || !strcmp(o->file, unit)))
			settle_refs(img, o->first_ref, o->nrefs, to, offset);
	}
}

static void settle_fact(struct image *img, htab_t names, const struct bias *b)
{
	const char *list = b->list, *symbol;
	struct object *func = strcmp(b->func, "-") ? lookup(names, b->unit, b->func, strlen(b->func)) : NULL;
	int64_t offset;
	size_t n;

	while (next_place(&list, &symbol, &n, &offset)) {
		struct object *to = lookup(names, b->unit, symbol, n);

		if (!to)
			continue;
		if (!strcmp(b->func, "-"))
			settle_data(img, b->unit, to, offset);
		if (func)
			settle_refs(img, func->first_ref, func->nrefs, to, offset);
		if (func && func->cold)
			settle_refs(img, func->cold->first_ref, func->cold->nrefs, to, offset);
	}
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

static void clear_edges(struct image *img, struct object *o)
{
	bool known = false;

	for (uint32_t i = 0; i < o->nrefs; i++) {
		struct ref *r = &img->refs[o->first_ref + i];

		if (!r->edge)
			continue;
		if (!known && !(known = facts_known(o)))
			return;
		if (r->target == TARGET_OBJECT && r->offset == 0)
			r->edge = false;
	}
}

static void collect_names(struct image *img, htab_t names)
{
	struct bias b;

	for (uint32_t i = 0; facts_bias(img, &i, &b); ) {
		const char *list = b.list, *symbol;
		int64_t offset;
		size_t n;

		want(names, b.func, strlen(b.func));
		while (next_place(&list, &symbol, &n, &offset))
			want(names, symbol, n);
	}
	for (uint32_t i = 0; htab_elements(names) && i < img->nobjects; i++) {
		add_object(names, img->objects[i].name, &img->objects[i]);
		for (struct alias *a = img->objects[i].aliases; a; a = a->next)
			add_object(names, a->name, &img->objects[i]);
	}
}

void bounds_settle(struct image *img)
{
	htab_t names = htab_create_alloc(64, named_hash, named_eq, named_free, xcalloc, free);
	struct bias b;

	for (uint32_t i = 0; i < img->nobjects; i++)
		if (img->objects[i].kind == OBJECT_FUNC)
			clear_edges(img, &img->objects[i]);
	collect_names(img, names);
	for (uint32_t i = 0; facts_bias(img, &i, &b); )
		settle_fact(img, names, &b);
	htab_delete(names);
}

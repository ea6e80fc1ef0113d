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
 * An address that the function refers to more often than the plugin saw stays doubtful: one of the uses may be the
 * neighbour. That is refused where both readings lead to different places in OLD and the function is in the patch.
 *
 * So it is with a variable of which words name such addresses, where the compiler has seen all data of the unit (Q).
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include <libiberty/hashtab.h>
#include "diff.h"
#include "facts.h"

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

static bool is_of_unit(const struct object *o, const char *unit)
{
	return o->file && !strcmp(o->file, unit);
}

/* NAME as UNIT sees it: its own local one, else the one that all see, or that the linker has made local: what was hidden, and
 * all that the compiler of -flto makes. */
static struct object *lookup(htab_t names, const char *unit, const char *name, size_t n)
{
	char *text = xstrndup(name, n);
	struct named key = { .name = text }, *w = htab_find(names, &key);
	struct object *common = NULL, *local = NULL;
	uint32_t ncommon = 0, nlocal = 0;

	for (uint32_t i = 0; w && i < w->n; i++) {
		if (!w->object[i]->file && ++ncommon)
			common = w->object[i];
		else if (is_of_unit(w->object[i], unit) && ++nlocal)
			local = w->object[i];
	}
	free(text);
	if (nlocal)
		return nlocal > 1 ? NULL : local;
	return ncommon > 1 ? NULL : common;
}

/* ---- one list ---------------------------------------------------------------------------------------------------- */

struct place {
	const char *symbol; size_t n;
	int64_t offset;
	uint32_t times;                 /* that the function or variable refers to it; of "-": 1 for each object */
};

/* Takes "SYMBOL OFFSET TIMES," off the list; false at its end. */
static bool next_place(const char **list, struct place *p)
{
	char *end;

	*p = (struct place){ .symbol = *list, .n = strcspn(*list, " ,"), .times = 1 };
	if (!p->n || p->symbol[p->n] != ' ')
		return false;
	p->offset = strtoll(p->symbol + p->n + 1, &end, 10);
	if (*end == ' ')
		p->times = strtoul(end + 1, &end, 10);
	*list = end + (*end == ',');
	return true;
}

static bool may_mean(const struct ref *r, const struct object *to, uint64_t addr)
{
	if (r->addr != addr || r->literal || r->kind == REF_CALL || r->kind == REF_GOT)
		return false;
	return r->target == TARGET_ANON || (r->target == TARGET_OBJECT && r->object != to);
}

static uint32_t count(const struct image *img, const struct object *user, const struct object *to, int64_t offset)
{
	uint32_t n = 0;

	for (uint32_t i = 0; user && i < user->nrefs; i++)
		n += may_mean(&img->refs[user->first_ref + i], to, to->addr + offset);
	return n;
}

static void settle_refs(struct image *img, const struct object *user, struct object *to, int64_t offset)
{
	for (uint32_t i = 0; user && i < user->nrefs; i++) {
		struct ref *r = &img->refs[user->first_ref + i];

		if (!may_mean(r, to, to->addr + offset))
			continue;
		r->target = TARGET_OBJECT;
		r->object = to;
		r->offset = offset;
		r->edge = false;
	}
}

static bool may_have_data_of(const struct object *o, const char *unit)
{
	return o->kind == OBJECT_DATA && o->nrefs && (!o->file || is_of_unit(o, unit));
}

/* Nobody tells which object of the unit has the word, so it must be the only one. */
static void settle_data(struct image *img, const char *unit, struct object *to, int64_t offset)
{
	const struct object *holder = NULL;
	uint32_t n = 0, found;

	for (uint32_t i = 0; i < img->nobjects; i++) {
		found = may_have_data_of(&img->objects[i], unit) ? count(img, &img->objects[i], to, offset) : 0;
		holder = found ? &img->objects[i] : holder;
		n += found;
	}
	if (n == 1)
		settle_refs(img, holder, to, offset);
}

/* True when USER, a function or variable, has no more such references than are known to mean TO. */
static bool settle_user(struct image *img, const struct object *user, struct object *to, const struct place *p)
{
	if (count(img, user, to, p->offset) + count(img, user->cold, to, p->offset) > p->times)
		return false;
	settle_refs(img, user, to, p->offset);
	settle_refs(img, user->cold, to, p->offset);
	return true;
}

/* DOUBTFUL: variables of which not all was settled. */
static void settle_fact(struct image *img, htab_t names, const struct bias *b, htab_t doubtful)
{
	const char *list = b->list;
	struct object *user = strcmp(b->func, "-") ? lookup(names, b->unit, b->func, strlen(b->func)) : NULL;
	struct place p;

	while (next_place(&list, &p)) {
		struct object *to = lookup(names, b->unit, p.symbol, p.n);

		if (to && !strcmp(b->func, "-"))
			settle_data(img, b->unit, to, p.offset);
		else if (user && !(to && settle_user(img, user, to, &p)))
			*htab_find_slot(doubtful, user, INSERT) = user;
	}
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

static bool has_edges(const struct image *img, const struct object *o)
{
	for (uint32_t i = 0; i < o->nrefs; i++)
		if (img->refs[o->first_ref + i].edge)
			return true;
	return false;
}

static void clear_edges(struct image *img, const struct object *o)
{
	for (uint32_t i = 0; i < o->nrefs; i++) {
		struct ref *r = &img->refs[o->first_ref + i];

		if (r->target == TARGET_OBJECT && r->offset == 0)
			r->edge = false;
	}
}

/* The units of whose data all is known. */
static htab_t units_open(const struct image *img)
{
	htab_t units = htab_create_alloc(64, htab_hash_string, htab_eq_string, NULL, xcalloc, free);
	char **field;

	for (uint32_t i = 0; (field = facts_next(img, 'Q', &i)) && !hp_broken("edges-in-data"); )
		*htab_find_slot(units, field[1], INSERT) = field[1];
	return units;
}

static void clear_data(struct image *img, htab_t doubtful)
{
	htab_t units = units_open(img);

	for (uint32_t i = 0; i < img->nobjects && htab_elements(units); i++) {
		const struct object *o = &img->objects[i];

		if (o->kind == OBJECT_DATA && o->file && !o->namesake && has_edges(img, o) && htab_find(units, o->file) &&
		    !htab_find(doubtful, o))
			clear_edges(img, o);
	}
	htab_delete(units);
}

static void collect_names(struct image *img, htab_t names)
{
	struct bias b;

	for (uint32_t i = 0; facts_bias(img, &i, &b); ) {
		const char *list = b.list;
		struct place p;

		want(names, b.func, strlen(b.func));
		while (next_place(&list, &p))
			want(names, p.symbol, p.n);
	}
	for (uint32_t i = 0; htab_elements(names) && i < img->nobjects; i++) {
		add_object(names, img->objects[i].name, &img->objects[i]);
		for (struct alias *a = img->objects[i].aliases; a; a = a->next)
			add_object(names, a->name, &img->objects[i]);
	}
}

static htab_t names_open(struct image *img)
{
	htab_t names = htab_create_alloc(64, named_hash, named_eq, named_free, xcalloc, free);

	collect_names(img, names);
	return names;
}

void bounds_settle(struct image *img)
{
	htab_t names = names_open(img), doubtful = htab_create_alloc(64, htab_hash_pointer, htab_eq_pointer, NULL, xcalloc, free);
	struct bias b;

	for (uint32_t i = 0; i < img->nobjects; i++)
		if (img->objects[i].kind == OBJECT_FUNC && has_edges(img, &img->objects[i]) && facts_known(&img->objects[i]))
			clear_edges(img, &img->objects[i]);
	for (uint32_t i = 0; facts_bias(img, &i, &b) && !hp_broken("bounds"); )
		settle_fact(img, names, &b, doubtful);
	clear_data(img, doubtful);
	htab_delete(doubtful);
	htab_delete(names);
}

/* ---- doubts ------------------------------------------------------------------------------------------------------ */

static uint64_t old_place(const struct object *o, int64_t offset)
{
	return o->twin && !o->included ? o->twin->addr + offset : 0;
}

static void refuse_doubts(struct diff *d, const struct object *user, struct object *to, int64_t offset)
{
	for (uint32_t i = 0; i < user->nrefs; i++) {
		const struct ref *r = &d->new->refs[user->first_ref + i];
		char *where;

		if (!may_mean(r, to, to->addr + offset))
			continue;
		if (r->target == TARGET_OBJECT && old_place(to, offset) &&
		    old_place(to, offset) == old_place(r->object, r->offset))
			continue;
		where = xasprintf("%s+0x%llx", user->name, (unsigned long long)(r->at - user->addr));
		refuse_add(d, CAUSE_EDGE, where, "'%s' or '%s'", to->name,
			   r->target == TARGET_OBJECT ? r->object->name : "a constant");
		free(where);
	}
}

/* The variable that NAME means is not to be found, so the reference was not given back to it. */
static void refuse_unknown(struct diff *d, const struct object *user, const struct place *p)
{
	refuse_add(d, CAUSE_EDGE, user->name, "it names a place at %+lld of '%.*s', which is not to be found",
		   (long long)p->offset, (int)p->n, p->symbol);
}

static void refuse_place(struct diff *d, const struct object *user, struct object *to, int64_t offset)
{
	refuse_doubts(d, user, to, offset);
	if (user->cold)
		refuse_doubts(d, user->cold, to, offset);
}

static void refuse_data(struct diff *d, const char *unit, struct object *to, int64_t offset)
{
	for (uint32_t i = 0; i < d->npicked; i++)
		if (d->picked[i]->kind == OBJECT_DATA && (!d->picked[i]->file || is_of_unit(d->picked[i], unit)))
			refuse_doubts(d, d->picked[i], to, offset);
}

static void refuse_fact(struct diff *d, htab_t names, const struct bias *b)
{
	bool data = !strcmp(b->func, "-");
	struct object *func = data ? NULL : lookup(names, b->unit, b->func, strlen(b->func));
	const char *list = b->list;
	struct place p;

	while ((data || (func && func->included)) && next_place(&list, &p)) {
		struct object *to = lookup(names, b->unit, p.symbol, p.n);

		if (to && data)
			refuse_data(d, b->unit, to, p.offset);
		else if (to)
			refuse_place(d, func, to, p.offset);
		else if (func)
			refuse_unknown(d, func, &p);
	}
}

void bounds_refuse(struct diff *d)
{
	htab_t names = names_open(d->new);
	struct bias b;

	for (uint32_t i = 0; facts_bias(d->new, &i, &b); )
		refuse_fact(d, names, &b);
	htab_delete(names);
}

// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Changed initial values of variables that live.
 *
 * A running process keeps its variables, so a new initial value would never be seen there: that is refused, unless the
 * source of NEW says what is to become of it. HP_SET_VALUE and its like of runtime/hotpatch.h leave a mark in the data
 * of NEW, a struct hp_value_mark named hp_value_set_N, hp_value_update_N or hp_value_keep_N: the address of a variable,
 * or of a part, and its size. Marks of values that did not change say nothing; they may be left from an earlier fix.
 * --accept=data-value says on the command line what HP_KEEP_VALUE says of the whole variable, --update what
 * HP_UPDATE_VALUE says of each element.
 *
 *   static struct { int size; const char *name; } limits = { 20, "new" };        was { 10, "old" }
 *   HP_SET_VALUE(limits.size);           covers 4 bytes of 16; the name is still refused
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "diff.h"

static bool starts_with(const char *name, const char *prefix)
{
	return !strncmp(name, prefix, strlen(prefix));
}

bool is_value_mark(const struct object *o)
{
	return o->kind == OBJECT_DATA && o->size == 16 &&
	       (starts_with(o->name, "hp_value_set_") || starts_with(o->name, "hp_value_update_") ||
		starts_with(o->name, "hp_value_keep_"));
}

/* A variable of both builds, of one size: what a mark can be about. */
static bool lives(const struct object *o)
{
	return o->kind == OBJECT_DATA && o->twin && o->size == o->twin->size && is_writable(o) && is_writable(o->twin);
}

void value_add(struct diff *d, const struct value *v)
{
	d->values = xrealloc(d->values, (d->nvalues + 1) * sizeof *d->values);
	d->values[d->nvalues++] = *v;
}

/* ---- marks ------------------------------------------------------------------------------------------------------- */

static void read_mark(struct diff *d, struct object *mark)
{
	const uint8_t *bytes = image_bytes(d->new, mark->addr, mark->size);
	const struct ref *r = mark->nrefs ? &d->new->refs[mark->first_ref] : NULL;
	struct value v = { .keep = starts_with(mark->name, "hp_value_keep_"),
			   .update = starts_with(mark->name, "hp_value_update_") };

	if (!bytes || !r || r->at != mark->addr || r->target != TARGET_OBJECT || r->offset < 0 || !lives(r->object))
		return;
	memcpy(&v.size, bytes + 8, 8);
	v.object = r->object;
	v.offset = r->offset;
	if (!v.size || v.offset > v.object->size || v.size > v.object->size - v.offset ||
	    (v.update && !is_known_in_old(d, v.object, v.offset, v.size)))
		return;
	value_add(d, &v);
}

static int by_place(const void *a, const void *b)
{
	const struct value *x = a, *y = b;

	if (x->object != y->object)
		return x->object->addr < y->object->addr ? -1 : 1;
	return (x->offset > y->offset) - (x->offset < y->offset);
}

/* ---- what they cover --------------------------------------------------------------------------------------------- */

static bool zero_same(const struct image *img, const struct object *o, uint64_t offset, uint64_t n)
{
	const uint8_t *p = o->section->nobits ? NULL : image_bytes(img, o->addr + offset, n);

	for (uint64_t i = 0; p && i < n; i++)
		if (p[i])
			return false;
	return true;
}

bool part_same(const struct diff *d, struct object *o, uint64_t offset, uint64_t n, uint64_t *where)
{
	struct object *old = o->twin;

	*where = 0;
	if (old->section->nobits || o->section->nobits)
		return zero_same(d->old, old, offset, n) && zero_same(d->new, o, offset, n);
	return bytes_same(d, old, o, old->addr + offset, o->addr + offset, n, where);
}

/* What no mark covers must be the same; *where: the first place of O that is not. */
static bool rest_same(struct diff *d, struct object *o, const struct value *v, const struct value *end, uint64_t *where)
{
	uint64_t done = 0, first;

	for (; v < end && v->object == o; v++) {
		if (v->offset > done && !part_same(d, o, done, v->offset - done, &first)) {
			*where = done + first;
			return false;
		}
		if (v->offset + v->size > done)
			done = v->offset + v->size;
	}
	if (done >= o->size || part_same(d, o, done, o->size - done, &first))
		return true;
	*where = done + first;
	return false;
}

static void settle(struct diff *d, struct value *v, const struct value *end)
{
	struct object *o = v->object;
	uint64_t where;

	if (o->change != CHANGED)
		return;
	o->accounted = rest_same(d, o, v, end, &where);
	if (!o->accounted)
		o->why->offset = where;
	for (; v < end && v->object == o; v++)
		v->active = !part_same(d, o, v->offset, v->size, &where);
}

static bool has_mark(const struct diff *d, const struct object *o, uint32_t nmarks)
{
	for (uint32_t i = 0; i < nmarks; i++)
		if (d->values[i].object == o)
			return true;
	return false;
}

/* --accept: processes that run keep what they have. What a library exports may be in the program's hands: it stays. */
static void keep_accepted(struct diff *d)
{
	uint32_t nmarks = d->nvalues;

	for (uint32_t i = 0; i < d->new->nobjects; i++) {
		struct object *o = &d->new->objects[i];

		if (o->change != CHANGED || !lives(o) || !lives_here(d, o) || has_mark(d, o, nmarks) ||
		    !is_accepted(d, CAUSE_DATA_VALUE, o->name))
			continue;
		value_add(d, &(struct value){ .object = o, .size = o->size, .keep = true, .active = true });
		accepted_add(d, CAUSE_DATA_VALUE, o->name, "differs at +0x%llx", (unsigned long long)o->why->offset);
		o->accounted = true;
	}
}

/* --update. What a library exports may be in the program's hands. */
static void update_named(struct diff *d)
{
	uint32_t nmarks = d->nvalues;

	for (uint32_t i = 0; i < d->new->nobjects; i++) {
		struct object *o = &d->new->objects[i];

		if (o->change != CHANGED || !lives(o) || !lives_here(d, o) || has_mark(d, o, nmarks) ||
		    !is_to_be_updated(d, o->name) || !update_values(d, o))
			continue;
		accepted_add(d, CAUSE_DATA_VALUE, o->name, "differs at +0x%llx; updated where a process has not changed it",
			     (unsigned long long)o->why->offset);
		o->accounted = true;
	}
}

/* --startup: a process that starts with the patch has not changed anything yet, so what no mark is about is set whole. */
static void set_unmarked(struct diff *d)
{
	uint32_t nmarks = d->nvalues;

	for (uint32_t i = 0; i < d->new->nobjects; i++) {
		struct object *o = &d->new->objects[i];

		if (o->change != CHANGED || !lives(o) || has_mark(d, o, nmarks))
			continue;
		value_add(d, &(struct value){ .object = o, .size = o->size, .active = true });
		o->accounted = d->startup_only = true;
	}
}

void values_settle(struct diff *d)
{
	for (uint32_t i = 0; i < d->new->nobjects; i++)
		if (is_value_mark(&d->new->objects[i]))
			read_mark(d, &d->new->objects[i]);
	if (d->nvalues)
		qsort(d->values, d->nvalues, sizeof *d->values, by_place);
	for (uint32_t i = 0; i < d->nvalues; i++)
		if (!i || d->values[i].object != d->values[i - 1].object)
			settle(d, &d->values[i], d->values + d->nvalues);
	update_named(d);
	keep_accepted(d);
	if (d->opt.startup)
		set_unmarked(d);
}

struct value *value_at(const struct diff *d, const struct object *o, uint64_t offset)
{
	for (uint32_t i = 0; i < d->nvalues; i++) {
		struct value *v = &d->values[i];

		if (v->object == o && offset >= v->offset && offset - v->offset < v->size)
			return v;
	}
	return NULL;
}

bool values_set(const struct diff *d)
{
	for (uint32_t i = 0; i < d->nvalues; i++)
		if (d->values[i].active && !d->values[i].keep)
			return true;
	return false;
}

uint32_t values_active(const struct diff *d)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < d->nvalues; i++)
		n += d->values[i].active;
	return n;
}

// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * verify: live variables and constants in place, by the boot record in the finished file: each gets what NEW starts it
 * with, on the condition that belongs to it, and no other gets anything.
 */
#include <string.h>

#include "check.h"
#include "layout.h"

static const struct hp_value *value_of(const struct check *c, uint64_t dst)
{
	const struct hp_value *v = c->boot ? (const void *)((const uint8_t *)c->boot + c->boot->value) : NULL;

	for (uint32_t i = 0; v && i < c->boot->nvalue; i++)
		if (v[i].dst == dst)
			return &v[i];
	return NULL;
}

static bool is_asked(const struct check *c, uint64_t where, const struct value *v)
{
	const struct object *old = v->object->twin;

	for (uint32_t i = 0; i < c->boot->nbind; i++)
		if (c->binds[i].where == where && c->binds[i].kind == (v->alone ? HP_BIND_ALONE : HP_BIND_HERE))
			return check_bound(c, where, exported_name(old), old->addr);
	return false;
}

/* A word of OLD's file: the address in it, to which the load base is added, or as it is. */
static bool word_is_right(const struct check *c, const struct ref *r, uint64_t at, const uint8_t *word)
{
	const struct hp_rel *rel = check_rel(c, at);
	uint64_t value;

	memcpy(&value, word, 8);
	return old_word_is_moved(c->d->old, r) ? rel && rel->value == old_word(r) : !rel && value == old_word(r);
}

/* SAVED holds what OLD starts V's place with. */
static bool was_is_right(struct check *c, const struct value *v, uint64_t saved)
{
	const struct image *old = c->d->old;
	const struct object *was = v->object->twin;

	for (uint64_t i = 0, step; i < v->size; i += step) {
		uint64_t from = was->addr + v->offset + i, at = saved + sizeof(struct hp_saved) + i;
		uint32_t n;
		const struct ref *r = image_refs_in(old, from, from + 1, &n);
		const uint8_t *byte = was->section->nobits ? NULL : image_bytes(old, from, 1), *is;

		step = n && r->kind == REF_ABS64 && r->at == from ? 8 : 1;
		is = check_bytes(c, at, step);
		if (!is || (step == 8 ? !word_is_right(c, r, at, is) : *is != (byte ? *byte : 0)))
			return false;
	}
	return true;
}

/* What a variable gets is what NEW starts it with; and no other gets anything. */
void check_values(struct check *c)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->d->nvalues; i++) {
		const struct value *v = &c->d->values[i];
		const struct object *o = v->object;
		const struct hp_value *is = v->active ? value_of(c, o->twin->addr + v->offset) : NULL;

		n += v->active;
		if (v->active && (!is || is->size != v->size || is->flags != value_flags(v) ||
				  !check_range(c, NULL, o->addr + v->offset, v->size, is->src)))
			check_failed(c, o->name, v->offset, "the value for it is not that of NEW");
		if (is && v->update && !was_is_right(c, v, is->saved))
			check_failed(c, o->name, v->offset, "it is not compared with what OLD starts it with");
		if (is && value_is_shared(c->d, v) && !is_asked(c, is->saved, v))
			check_failed(c, o->name, v->offset, "nothing asks whether a program has a copy of it");
	}
	if (n != (c->boot ? c->boot->nvalue : 0))
		check_failed(c, "", 0, "the boot record sets %u values, not %u", c->boot ? c->boot->nvalue : 0, n);
}

// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * verify: live variables and constants in place, by the boot record in the finished file: each gets what NEW starts it
 * with, on the condition that belongs to it, and no other gets anything.
 */
#include "check.h"

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
		if (is && value_is_shared(c->d, v) && !is_asked(c, is->saved, v))
			check_failed(c, o->name, v->offset, "nothing asks whether a program has a copy of it");
	}
	if (n != (c->boot ? c->boot->nvalue : 0))
		check_failed(c, "", 0, "the boot record sets %u values, not %u", c->boot ? c->boot->nvalue : 0, n);
}

// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Bytes that belong to no function or variable: assembler code gave their name no size, or no name. Who refers to them knows
 * them by their place, or has no relocation at all, so what changes in them is no change of anybody. It is refused:
 *
 *   code under a label without a size       number: movl $1, %eax; ret
 *   data under such a label                 table: .long 1, 2, 3, or what ld -b binary makes of a file
 *   what follows a function's code          .size scale, .-scale; .Lhalf: .double 0.5
 *
 * A label without a size reaches up to the next name or edge. Padding is no change.
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "diff.h"
#include "read.h"

/* N bytes at addr of IMG, and whom refs in them are of. */
struct stretch { const struct image *img; const struct object *of; uint64_t addr, n; };

/* ---- padding ----------------------------------------------------------------------------------------------------- */

static bool is_filling(const struct stretch *s, uint64_t from)
{
	return only_filling(s->img, s->addr + from, s->n - from);
}

#define LONGEST_NOP 11

/* Equal up to padding, of which each may have its own. */
static bool stretches_same(const struct diff *d, const struct stretch *old, const struct stretch *new)
{
	uint64_t n = old->n < new->n ? old->n : new->n, where;

	if (bytes_same(d, old->of, new->of, old->addr, new->addr, n, &where))
		where = n;
	for (uint64_t back = 0; back <= where && back < LONGEST_NOP; back++)
		if (is_filling(old, where - back) && is_filling(new, where - back))
			return true;
	return false;
}

bool nameless_same(const struct diff *d, uint64_t old, uint64_t nold, uint64_t new, uint64_t nnew)
{
	struct stretch was = { d->old, NULL, old, nold }, now = { d->new, NULL, new, nnew };

	return stretches_same(d, &was, &now);
}

/* ---- labels ------------------------------------------------------------------------------------------------------ */

static struct stretch stretch_of_label(const struct object *o)
{
	uint64_t n = next_name(o) - o->addr, edge = o->section->exec ? 0 : anon_extent(o->image, o->addr);

	return (struct stretch){ o->image, o, o->addr, edge && edge < n ? edge : n };
}

static bool is_outside(const struct object *o)
{
	const struct section *s = o->section;

	return o->kind == OBJECT_LABEL && s && s->bytes && !s->tls && !is_start_up(o) && !is_made_section(s) &&
	       strncmp(s->name, ".plt", 4) && o->addr < s->addr + s->size && !image_object_at(o->image, o->addr);
}

static void refuse_label(struct diff *d, const struct object *o)
{
	struct stretch was, now;

	if (!o->twin || !is_outside(o) || !is_outside(o->twin))
		return;
	was = stretch_of_label(o->twin);
	now = stretch_of_label(o);
	if (!stretches_same(d, &was, &now))
		refuse_add(d, o->section->exec ? CAUSE_CODE_OUTSIDE : CAUSE_DATA_OUTSIDE, o->name, "%s", "");
}

static bool names_same(const struct object *a, const struct object *b)
{
	if (!a || !b || !b->twin || b->twin->addr != a->addr || a->size != b->size)
		return false;
	return b->size ? is_code(a) && is_code(b) : is_outside(a) && is_outside(b);
}

bool outside_place_same(const struct diff *d, uint64_t old, uint64_t new, uint64_t back)
{
	const struct section *s = image_section_at(d->old, old), *t = image_section_at(d->new, new);
	uint64_t place = new;

	for (;;) {
		const struct object *a = name_before(d->old, s, old), *b = name_before(d->new, t, new);

		if (!names_same(a, b) || old - a->addr != new - b->addr)
			return false;
		if (b->addr + back <= place)
			return true;
		old = a->addr - 1;
		new = b->addr - 1;
	}
}

/* ---- behind functions -------------------------------------------------------------------------------------------- */

/* Without a name, up to the next one. */
static struct stretch stretch_behind(const struct object *func)
{
	uint64_t end = func->addr + func->size, next = next_name(func);

	return (struct stretch){ func->image, func, end, next > end && !image_object_at(func->image, end) ? next - end : 0 };
}

static bool has_code(const struct object *o)
{
	return o->kind != OBJECT_LABEL && o->section && o->section->exec && o->section->bytes && !is_made_section(o->section);
}

/* OLD has it behind another function. */
static bool is_elsewhere(const struct diff *d, const struct stretch *now)
{
	for (uint32_t i = 0; i < d->old->nobjects; i++)
		if (has_code(&d->old->objects[i])) {
			struct stretch was = stretch_behind(&d->old->objects[i]);

			if (was.n && !is_filling(&was, 0) && stretches_same(d, &was, now))
				return true;
		}
	return false;
}

static void refuse_behind(struct diff *d, const struct object *o)
{
	struct stretch was, now;

	if (!o->twin || !has_code(o) || !has_code(o->twin))
		return;
	was = stretch_behind(o->twin);
	now = stretch_behind(o);
	if (stretches_same(d, &was, &now) || is_filling(&now, 0) || is_elsewhere(d, &now))
		return;
	refuse_add(d, CAUSE_CODE_OUTSIDE, o->name, "what follows it differs");
}

/* All code was looked at; little of it is asked for again. */
static void forget_code(const struct image *img)
{
	for (uint32_t i = 0; i < img->nsections && img->kind != IMAGE_OBJECT; i++)      /* relocatable.c writes to those */
		if (img->sections[i].exec && img->sections[i].bytes)
			pages_forget(img->sections[i].bytes, img->sections[i].size);
}

void refuse_outside(struct diff *d)
{
	for (uint32_t i = 0; i < d->new->nobjects; i++) {
		refuse_label(d, &d->new->objects[i]);
		refuse_behind(d, &d->new->objects[i]);
	}
	forget_code(d->old);
	forget_code(d->new);
}

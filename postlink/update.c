// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * New initial values for variables that still have the old one: --update, and HP_UPDATE_VALUE of runtime/hotpatch.h.
 *
 * Most fixes of data alone are a default that was wrong. What an operator has set in the meantime is his. So the patch
 * brings the old value, too, and the variable is written where it holds that. Whether it does is asked of the whole that
 * people would set at once: a number, a text, a pointer, each element of an array of these. What is not known to be such a
 * thing, a struct above all, is one whole.
 *
 *	static int limits[] = { 100, 20 };      ->      { 50, 20 }              the first of them, where it is 100
 *
 * What OLD starts with is what the file has, with the load base added to addresses of its own. An address that the
 * dynamic linker looks up, or that a resolver chooses, is not known.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "layout.h"
#include "facts.h"

/* ---- what is one thing ------------------------------------------------------------------------------------------- */

/* KIND as of a V fact, "[2][16]i1": two texts. */
static uint64_t thing_size(const struct object *o)
{
	const char *kind = facts_kind(o);
	uint64_t last = 1, size;

	if (!kind)
		return o->size;
	for (; *kind == '['; kind += strcspn(kind, "]") + 1)
		last = strtoull(kind + 1, NULL, 10);
	size = isalpha((unsigned char)*kind) ? strtoull(kind + 1, NULL, 10) : 0;
	if (size == 1)
		size = last;
	return size && o->size % size == 0 ? size : o->size;
}

/* ---- what OLD starts it with ------------------------------------------------------------------------------------- */

static const struct ref *old_refs(const struct image *old, const struct object *o, uint64_t offset, uint64_t n, uint32_t *count)
{
	*count = 0;
	return n ? image_refs_in(old, o->twin->addr + offset, o->twin->addr + offset + n, count) : NULL;
}

static bool is_known_address(const struct ref *r)
{
	return r->target == TARGET_OBJECT ? r->object->kind != OBJECT_IFUNC && !r->object->copied : r->target != TARGET_IMPORT;
}

bool is_known_in_old(const struct diff *d, const struct object *o, uint64_t offset, uint64_t n)
{
	uint32_t count;
	const struct ref *r = old_refs(d->old, o, offset, n, &count);

	for (; count; count--, r++)
		if (r->kind == REF_UNKNOWN || (r->kind == REF_ABS64 && !is_known_address(r)))
			return false;
	return true;
}

uint64_t old_word(const struct ref *r)
{
	return r->target == TARGET_OBJECT ? r->object->addr + r->offset : r->target == TARGET_NOTHING ? 0 : r->addr;
}

bool old_word_is_moved(const struct image *old, const struct ref *r)
{
	return !base_is_zero(old) && r->kind == REF_ABS64 && (r->target == TARGET_OBJECT || r->target == TARGET_ANON);
}

/* A variable in .bss has no bytes. */
void write_saved(struct layout *l, struct piece *p)
{
	const struct image *old = l->d->old;
	const struct value *v = p->was;
	const struct object *was = v ? v->object->twin : NULL;
	const uint8_t *bytes = v && !was->section->nobits ? image_bytes(old, was->addr + v->offset, v->size) : NULL;
	uint32_t n = 0;
	const struct ref *r = v ? old_refs(old, v->object, v->offset, v->size, &n) : NULL;

	p->item.bytes = xcalloc(1, p->item.size);
	if (bytes && !hp_broken("saved"))
		memcpy(p->item.bytes + sizeof(struct hp_saved), bytes, v->size);
	for (; n; n--, r++) {
		uint64_t at = sizeof(struct hp_saved) + r->at - (was->addr + v->offset), word = old_word(r);

		if (r->kind != REF_ABS64)
			continue;
		if (old_word_is_moved(old, r)) {
			add_rel(l, p->item.addr + at, word);
			word = 0;
		}
		memcpy(p->item.bytes + at, &word, 8);
	}
}

/* ---- what is to be written --------------------------------------------------------------------------------------- */

bool update_values(struct diff *d, struct object *o)
{
	uint64_t size = hp_broken("update") ? o->size : thing_size(o), where;

	if (!is_known_in_old(d, o, 0, o->size))
		return false;
	for (uint64_t at = 0; at < o->size; at += size)
		if (!part_same(d, o, at, size, &where))
			value_add(d, &(struct value){ .object = o, .offset = at, .size = size, .update = true, .active = true });
	return true;
}

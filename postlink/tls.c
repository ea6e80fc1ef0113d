/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Thread-local variables in a patch: where they stand, and the slots by which code finds them.
 *
 * Every module has a room of zeros in its TLS block (plugin/module.cc), so each thread has one, be it there already or not.
 * A variable that OLD lacks takes a part of it; it must start as zeros. All others stay where they are.
 *
 * In a program the distance of a variable from the thread pointer is known, and stands in the code. A library's code reads
 * it, or the number of its module, from a slot that the dynamic linker has filled. What such a slot holds for one
 * variable of the module tells what it would hold for another, so a slot that OLD lacks is made in the reserve, as a copy
 * of one that OLD has (struct hp_copy):
 *
 *   general dynamic   { number of the module, offset in its block }     number from any such slot: the room comes with one
 *   local dynamic     { number of the module, 0 }                       the same
 *   initial exec      distance from the thread pointer                  from that of another variable, where OLD has one
 *
 * Left out: slots for variables of other modules, and descriptors (-mtls-dialect=gnu2), which hold a function of the
 * dynamic linker's choice.
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>

#include "layout.h"
#include "../runtime/patch.h"

/* ---- variables --------------------------------------------------------------------------------------------------- */

static struct tls_var *find_variable(const struct diff *d, const struct object *o)
{
	for (uint32_t i = 0; i < d->ntls; i++)
		if (d->tls[i].object == o)
			return &d->tls[i];
	return NULL;
}

void tls_need_variable(struct layout *l, struct object *o)
{
	struct diff *d = l->d;

	if (o->twin || find_variable(d, o))
		return;
	d->tls = xrealloc(d->tls, (d->ntls + 1) * sizeof *d->tls);
	d->tls[d->ntls++] = (struct tls_var){ .object = o };
}

static int by_alignment(const void *a, const void *b)
{
	const struct object *x = ((const struct tls_var *)a)->object, *y = ((const struct tls_var *)b)->object;

	if (tls_alignment(x) != tls_alignment(y))
		return tls_alignment(x) > tls_alignment(y) ? -1 : 1;
	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

/* Places V at AT or behind; returns the first address behind it. What the patch of --after has stays where it is. */
static uint64_t assign(struct diff *d, struct tls_var *v, uint64_t at)
{
	uint64_t align = tls_alignment(v->object), known;

	if (after_variable(d, v->object, &known)) {
		v->addr = d->old->tls_room + known;
		return at;
	}
	v->addr = align_up(at, align);
	if (align > d->old->tls_align)
		refuse_add(d, CAUSE_TLS_FULL, v->object->name, "it is aligned to %llu bytes, what OLD has to %llu",
			   (unsigned long long)align, (unsigned long long)d->old->tls_align);
	return v->addr + v->object->size;
}

void tls_assign(struct layout *l)
{
	struct diff *d = l->d;
	uint64_t room = d->old->tls_room, size = d->old->tls_room_end - room, at = room;

	at += d->after ? after_patch(d)->tls_used : 0;
	if (d->ntls)
		qsort(d->tls, d->ntls, sizeof *d->tls, by_alignment);
	for (uint32_t i = 0; i < d->ntls; i++)
		at = assign(d, &d->tls[i], hp_broken("tls-room") ? room : at);
	d->tls_used = at - room;
	if (d->tls_used > size)
		refuse_add(d, CAUSE_TLS_FULL, "", "%llu bytes are needed, OLD has %llu", (unsigned long long)d->tls_used,
			   (unsigned long long)size);
	l->failed |= d->refusals != NULL;
}

/* Its address in the TLS image of OLD. */
static uint64_t variable_address(const struct layout *l, const struct object *o)
{
	return o->twin ? o->twin->addr : find_variable(l->d, o)->addr;
}

bool tls_value(struct layout *l, const struct ref *ref, int64_t *value)
{
	const struct image *old = l->d->old;
	uint64_t addr = 0;              /* a weak variable that nobody defines; glibc has one in static programs */

	if (ref->target == TARGET_OBJECT)
		addr = variable_address(l, ref->object) + ref->offset;
	else if (ref->target != TARGET_NOTHING)
		return false;
	*value = ref->kind == REF_DTPOFF32 || ref->kind == REF_DTPOFF64 ? (int64_t)(addr - old->tls_addr) :
		tls_offset(old, addr);
	return true;
}

/* ---- slots ------------------------------------------------------------------------------------------------------- */

static bool is_slot(const struct ref *ref, int *holds)
{
	switch (ref->kind) {
	case REF_GOT_TPOFF: *holds = GOT_TPOFF; return true;
	case REF_TLSGD: *holds = GOT_TLSGD; return true;
	case REF_TLSLD: *holds = GOT_TLSLD; return true;
	case REF_TLSDESC: *holds = GOT_TLSDESC; return true;
	}
	return false;
}

/* The slot of OLD for REF, NULL when there is none. */
static const struct got *old_slot(const struct layout *l, const struct ref *ref, int holds)
{
	const struct image *old = l->d->old;
	uint64_t addr = 0;

	if (holds == GOT_TLSLD)
		return image_got_for(old, holds, NULL, 0);
	if (ref->target == TARGET_IMPORT)
		return image_got_for(old, holds, ref->import, 0);
	if (ref->target == TARGET_OBJECT && ref->object->twin)
		addr = ref->object->twin->addr + ref->offset;
	else if (ref->target != TARGET_NOTHING)
		return NULL;
	return image_got_for(old, holds, NULL, addr);
}

/* A slot of OLD for some variable of its own, or for all, that holds what one of kind HOLDS can be made from. */
static const struct got *slot_to_copy(const struct image *old, int holds)
{
	bool number = holds == GOT_TLSGD || holds == GOT_TLSLD;

	for (uint32_t i = 0; i < old->ngots; i++) {
		const struct got *g = &old->gots[i];

		if (!g->import && (number ? g->holds == GOT_TLSGD || g->holds == GOT_TLSLD : (int)g->holds == holds))
			return g;
	}
	return NULL;
}

static struct piece *find_slot_piece(const struct layout *l, const struct object *o, int64_t offset, int holds)
{
	for (uint32_t i = 0; i < l->npieces; i++) {
		struct piece *p = l->pieces[i];

		if (p->kind == PIECE_TLS && p->tls.holds == holds && p->tls.object == o && p->tls.offset == offset)
			return p;
	}
	return NULL;
}

/* Why the slot for REF can't be made. */
static void refuse_slot(struct layout *l, const struct ref *ref, int holds)
{
	const char *name = ref_name(ref), *why;
	char *text;

	if (ref->target == TARGET_IMPORT)
		why = "which is exported and may be another module's, and OLD's code has no slot for it";
	else if (holds == GOT_TLSDESC)
		why = "through a descriptor (-mtls-dialect=gnu2), which only the dynamic linker can make";
	else if (holds == GOT_TPOFF)
		why = "at a fixed distance from the thread pointer (initial-exec), and OLD has no slot that tells one";
	else
		why = "and OLD has no slot that tells the module's number";
	refuse_ref(l, CAUSE_TLS_SLOT, ref, text = xasprintf("for '%s', %s", name ? name : "", why));
	free(text);
}

static void need_slot_piece(struct layout *l, const struct ref *ref, int holds)
{
	struct object *o = ref->target == TARGET_OBJECT ? ref->object : NULL;
	const struct got *from = slot_to_copy(l->d->old, holds);
	bool known = holds == GOT_TPOFF && l->d->old->kind != IMAGE_SHARED;
	struct piece *p;

	if ((!o && holds != GOT_TLSLD) || holds == GOT_TLSDESC || (!from && !known)) {
		refuse_slot(l, ref, holds);
		return;
	}
	if (find_slot_piece(l, o, o ? ref->offset : 0, holds))
		return;
	p = piece_new(l, PIECE_TLS, 0, holds == GOT_TPOFF ? 8 : 16);
	p->align = 8;
	p->item.writable = true;
	p->tls.object = o;
	p->tls.offset = o ? ref->offset : 0;
	p->tls.holds = holds;
	p->tls.from = known ? NULL : from;
}

void tls_need(struct layout *l, const struct ref *ref)
{
	int holds;

	if (ref->target == TARGET_OBJECT)
		tls_need_variable(l, ref->object);
	if (is_slot(ref, &holds) && !old_slot(l, ref, holds))
		need_slot_piece(l, ref, holds);
}

bool tls_slot(struct layout *l, const struct ref *ref, uint64_t *addr)
{
	struct object *o = ref->target == TARGET_OBJECT ? ref->object : NULL;
	const struct got *got;
	const struct piece *p;
	int holds;

	if (!is_slot(ref, &holds))
		return false;
	got = old_slot(l, ref, holds);
	p = got ? NULL : find_slot_piece(l, o, o ? ref->offset : 0, holds);
	*addr = got ? got->addr : p ? p->item.addr : 0;
	return got || p;
}

void tls_write_slot(struct layout *l, struct piece *p)
{
	const struct image *old = l->d->old;
	uint64_t addr = p->tls.object ? variable_address(l, p->tls.object) + p->tls.offset : 0;
	int64_t word = p->tls.holds == GOT_TLSGD ? (int64_t)(addr - old->tls_addr) : tls_offset(old, addr);

	p->item.bytes = xcalloc(1, p->item.size);
	if (p->tls.holds == GOT_TLSGD && !hp_broken("tls-slots"))
		memcpy(p->item.bytes + 8, &word, 8);
	if (!p->tls.from)
		memcpy(p->item.bytes, &word, 8);
	else
		add_copy(l, p->item.addr, p->tls.from->addr, p->tls.holds == GOT_TPOFF ? addr - p->tls.from->value : 0);
}

int tls_compare_slots(const struct piece *a, const struct piece *b)
{
	const struct object *x = a->tls.object, *y = b->tls.object;

	if (a->tls.holds != b->tls.holds || !x || !y)
		return a->tls.holds - b->tls.holds;
	if (x != y)
		return x->addr < y->addr ? -1 : 1;
	return a->tls.offset < b->tls.offset ? -1 : a->tls.offset > b->tls.offset;
}

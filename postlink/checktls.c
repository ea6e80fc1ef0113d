/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The part of verify about thread-local variables.
 *
 * Where a variable stands is read from the fields and slots that lead to it: for one that OLD has, its place in OLD; for a
 * new one any place in the room, which is zeros in each thread, as long as all say the same and no two share a byte.
 */
#include <string.h>

#include "check.h"

/* ---- variables --------------------------------------------------------------------------------------------------- */

/* True when O of NEW may stand at START of the TLS image of OLD, and nowhere else from now on. */
static bool is_variable(struct check *c, const struct object *o, uint64_t start)
{
	const struct image *old = c->d->old;
	uint64_t *body = &c->body[o - c->d->new->objects];

	if (o->kind != OBJECT_TLS)
		return false;
	if (o->twin)
		return start == o->twin->addr;
	if (*body)
		return *body == start;
	if (start < old->tls_room || start > old->tls_room_end || o->size > old->tls_room_end - start ||
	    start % tls_alignment(o) || !tls_is_zero(o))
		return false;
	*body = start;
	return true;
}

/* The same for what REF names, variable and offset; ADDR 0: a weak one that nobody defines. */
static bool is_target(struct check *c, const struct ref *ref, uint64_t addr)
{
	if (ref->target == TARGET_NOTHING)
		return !addr;
	return ref->target == TARGET_OBJECT && is_variable(c, ref->object, addr - ref->offset);
}

static bool is_new(const struct object *o)
{
	return o->kind == OBJECT_TLS && !o->twin;
}

static void check_apart(struct check *c, const struct object *a, const struct object *b)
{
	uint64_t at = c->body[a - c->d->new->objects], other = c->body[b - c->d->new->objects];

	if (at && other && at < other + b->size && other < at + a->size)
		check_failed(c, a->name, 0, "it stands where '%s' stands", b->name);
}

/* Each with each: there are few. */
void check_tls_room(struct check *c)
{
	for (uint32_t i = 0; i < c->d->npicked; i++)
		for (uint32_t k = 0; is_new(c->d->picked[i]) && k < i; k++)
			if (is_new(c->d->picked[k]))
				check_apart(c, c->d->picked[i], c->d->picked[k]);
}

/* ---- offsets ----------------------------------------------------------------------------------------------------- */

/* Where the thread pointer is when the TLS image is its block: behind it, the size rounded up. */
static uint64_t thread_pointer(const struct image *old)
{
	uint64_t align = old->tls_align ? old->tls_align : 1;

	return old->tls_addr + (old->tls_size + align - 1) / align * align;
}

bool check_tls_offset(struct check *c, const struct ref *ref, int64_t value)
{
	bool within = ref->kind == REF_DTPOFF32 || ref->kind == REF_DTPOFF64;

	return is_target(c, ref, value + (within ? c->d->old->tls_addr : thread_pointer(c->d->old)));
}

/* ---- slots ------------------------------------------------------------------------------------------------------- */

static const struct hp_copy *copy_at(const struct check *c, uint64_t where)
{
	for (uint32_t i = 0; c->boot && i < c->boot->ncopy; i++)
		if (c->copies[i].where == where)
			return &c->copies[i];
	return NULL;
}

/* The slot of OLD that the word at SLOT is a copy of, NULL: it is none, or that one is about another module. */
static const struct got *copied_from(struct check *c, uint64_t slot, int64_t *addend)
{
	const struct hp_copy *copy = copy_at(c, slot);
	const struct got *got = copy ? check_got(c, copy->from) : NULL;

	*addend = copy ? copy->addend : 0;
	return got && !got->import ? got : NULL;
}

static bool word_at(struct check *c, uint64_t addr, uint64_t *word)
{
	const uint8_t *bytes = check_bytes(c, addr, 8);

	if (bytes)
		memcpy(word, bytes, 8);
	return bytes;
}

/* { number of the module, offset in its block } */
static bool is_pair(struct check *c, const struct ref *ref, uint64_t slot)
{
	int64_t addend;
	const struct got *got = copied_from(c, slot, &addend);
	uint64_t offset;

	if (!got || addend || (got->holds != GOT_TLSGD && got->holds != GOT_TLSLD) || !word_at(c, slot + 8, &offset))
		return false;
	return ref->kind == REF_TLSLD ? !offset : is_target(c, ref, c->d->old->tls_addr + offset);
}

static bool is_distance(struct check *c, const struct ref *ref, uint64_t slot)
{
	int64_t addend;
	const struct got *got = copied_from(c, slot, &addend);
	uint64_t distance;

	if (got)
		return got->holds == GOT_TPOFF && is_target(c, ref, got->value + addend);
	return c->d->old->kind != IMAGE_SHARED && !copy_at(c, slot) && word_at(c, slot, &distance) &&
	       is_target(c, ref, distance + thread_pointer(c->d->old));
}

bool check_tls_slot(struct check *c, const struct ref *ref, uint64_t slot)
{
	static const int holds[] = { [REF_GOT_TPOFF] = GOT_TPOFF, [REF_TLSGD] = GOT_TLSGD, [REF_TLSLD] = GOT_TLSLD,
				     [REF_TLSDESC] = GOT_TLSDESC };
	const struct got *got = check_got(c, slot);

	if (!got && ref->kind != REF_TLSDESC)
		return ref->kind == REF_GOT_TPOFF ? is_distance(c, ref, slot) : is_pair(c, ref, slot);
	if (!got || (int)got->holds != holds[ref->kind])
		return false;
	if (ref->kind == REF_TLSLD)
		return true;
	if (ref->target == TARGET_IMPORT)
		return got->import && !strcmp(got->import, ref->import);
	return !got->import && is_target(c, ref, got->value);
}

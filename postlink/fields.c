/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A reference in the patch: where its target is in the patched module, and the bytes that say so.
 *
 * The rules, by what a reference of NEW names:
 *
 *   function, called          the new one when it is in the patch, else the old one
 *   function, its address     the old entry when that is redirected (one function has one address), else as for a call
 *   place inside a function   the copy in the patch, else the same place in the old one, whose bytes are the same
 *   variable or constant      OLD's when it has one and it is not picked, else the copy
 *   no name                   OLD's text where it has the same, see texts.c, else a copy: literals, jump tables
 *   another module            OLD's PLT entry or GOT slot, else a stub in the arena and a slot in the reserve
 *   thread-local variable     see tls.c
 *
 * Each is asked twice: need_target() while pieces are gathered, write_field() when all addresses are known.
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>

#include "layout.h"

void refuse_ref(struct layout *l, enum cause cause, const struct ref *ref, const char *text)
{
	refuse_add(l->d, cause, where_in_new(l->d, ref->at), "%s", text);
	l->failed = true;
}

/* ---- slots and stubs --------------------------------------------------------------------------------------------- */

/* Address that a slot for a thing of OLD holds now: what OLD's own slots are searched by. 0 for a thing in the patch. */
static uint64_t old_address(const struct object *o, int64_t offset)
{
	if (!o->twin || (o->included && !o->redirected))
		return 0;
	return o->twin->addr + offset;
}

struct slot *find_slot(struct layout *l, const char *import, struct object *o, int64_t offset)
{
	struct slot *s;

	for (s = l->slots; s; s = s->next) {
		if (s->object != o || s->offset != offset || !s->import != !import)
			continue;
		if (!import || !strcmp(s->import, import))
			return s;
	}
	return NULL;
}

struct slot *need_slot(struct layout *l, const char *import, struct object *o, int64_t offset)
{
	struct slot *s = find_slot(l, import, o, offset);
	struct object *indirect;
	bool several = false;
	struct got *got;

	if (s)
		return s;
	s = xcalloc(1, sizeof *s);
	s->import = import;
	s->object = o;
	s->offset = offset;
	s->next = l->slots;
	l->slots = s;
	if (import)
		got = offset ? NULL : image_got_for(l->d->old, GOT_ADDRESS, import, 0);
	else if (o ? !old_address(o, offset) : offset && !base_is_zero(l->d->old))
		got = NULL;                             /* of numbers: what looks like one may be an address */
	else
		got = image_got_for(l->d->old, GOT_ADDRESS, NULL, o ? old_address(o, offset) : (uint64_t)offset);
	if (got && !got->lazy) {
		s->borrowed = true;
		s->addr = got->addr;
	} else if (!import && !o && offset) {
		s->number = piece_new(l, PIECE_NUMBER, 0, sizeof offset);
		s->number->slot = s;
		s->number->align = 8;
	} else if (import && (indirect = indirect_function(l->d, import, &several))) {
		need_ask(l, s, indirect);
	} else if (several) {
		refuse_add(l->d, CAUSE_AMBIGUOUS, import, "several indirect functions of this name");
		l->failed = true;
	} else if (import && (l->d->old->kind == IMAGE_STATIC || l->d->old->kind == IMAGE_STATIC_PIE)) {
		refuse_add(l->d, CAUSE_IMPORT, "", "OLD has no slot for '%s', and a static program can't get one", import);
		l->failed = true;
	}
	return s;
}

static void need_stub(struct layout *l, const char *import)
{
	struct slot *s;

	if (image_plt_for(l->d->old, import))
		return;
	s = need_slot(l, import, NULL, 0);
	if (s->stub)
		return;
	s->stub = piece_new(l, PIECE_STUB, 0, 16);
	s->stub->slot = s;
	s->stub->align = 16;
	s->stub->item.code = true;
	s->stub->item.name = concat(import, "@plt", NULL);
}

/* endbr64; jmp *slot(%rip); int3 ... */
void write_stub(struct layout *l, struct piece *p)
{
	static const uint8_t code[16] = {
		0xf3, 0x0f, 0x1e, 0xfa, 0xff, 0x25, 0, 0, 0, 0, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc };
	int32_t distance = p->slot->addr - (p->item.addr + 10);

	(void)l;
	p->item.bytes = xmemdup(code, sizeof code, sizeof code);
	memcpy(p->item.bytes + 6, &distance, 4);
}

void add_rel(struct layout *l, uint64_t where, uint64_t value)
{
	if (l->nrels == l->room_rels) {
		l->room_rels = l->room_rels ? 2 * l->room_rels : 64;
		l->rels = xrealloc(l->rels, l->room_rels * sizeof *l->rels);
	}
	l->rels[l->nrels++] = (struct hp_rel){ where, value };
}

void add_bind(struct layout *l, uint64_t where, const char *import, int64_t addend)
{
	if (l->nbinds == l->room_binds) {
		l->room_binds = l->room_binds ? 2 * l->room_binds : 64;
		l->binds = xrealloc(l->binds, l->room_binds * sizeof *l->binds);
	}
	l->binds[l->nbinds++] = (struct pending_bind){ where, import, addend, HP_BIND_ADDRESS };
}

void check_shared_values(struct layout *l)
{
	for (uint32_t i = 0; i < l->d->nvalues; i++) {
		const struct value *v = &l->d->values[i];

		if (!v->active || !value_is_shared(l->d, v))
			continue;
		add_bind(l, v->saved->addr, exported_name(v->object->twin), v->object->twin->addr);
		l->binds[l->nbinds - 1].kind = v->alone ? HP_BIND_ALONE : HP_BIND_HERE;
	}
}

void add_copy(struct layout *l, uint64_t where, uint64_t from, int64_t addend)
{
	if (l->ncopies == l->room_copies) {
		l->room_copies = l->room_copies ? 2 * l->room_copies : 16;
		l->copies = xrealloc(l->copies, l->room_copies * sizeof *l->copies);
	}
	l->copies[l->ncopies++] = (struct hp_copy){ where, from, addend };
}

void slot_values(struct layout *l)
{
	struct slot *s;
	uint64_t addr;

	for (s = l->slots; s; s = s->next) {
		if (s->borrowed || s->number)
			continue;
		if (s->ask)
			add_rel(l, s->addr, s->ask->item.addr);
		else if (s->import)
			add_bind(l, s->addr, s->import, s->offset);
		else if (s->object && object_address(l, s->object, s->offset, false, &addr))
			add_rel(l, s->addr, addr);
	}
}

/* ---- what a reference needs -------------------------------------------------------------------------------------- */

static bool refers_to(const struct object *user, const struct object *o)
{
	uint32_t i;

	for (i = 0; user && i < user->nrefs; i++) {
		const struct ref *r = &user->image->refs[user->first_ref + i];

		if (r->target == TARGET_OBJECT && r->object == o && !(r->offset == (int64_t)o->size))
			return true;
	}
	return false;
}

/* A reference to the start of something that may as well mean the end of what stands below it: the emitted relocation
 * does not tell. A memory access means the start, and so does a user that never names the thing below. It does not
 * matter when both keep their distance in the patched module. */
static bool edge_is_clear(const struct layout *l, const struct ref *ref)
{
	const struct image *new = l->d->new;
	const struct object *o = ref->target == TARGET_OBJECT ? ref->object : NULL, *below;

	if (!ref->lea || (o && ref->offset))
		return true;
	below = image_object_at(new, ref->addr - 1);
	if (!below || below->addr + below->size != ref->addr)
		return true;
	if (o && below->twin && !below->included && o->twin && !o->included &&
	    below->twin->addr + below->size == o->twin->addr)
		return true;
	return !refers_to(image_object_at(new, ref->at), below);
}

/* Both are in the patch, and are to keep their distance. Those of an earlier patch stand where they stood. */
static bool tie_edge(struct layout *l, const struct ref *ref)
{
	struct object *o = ref->target == TARGET_OBJECT ? ref->object : NULL, *below = image_object_at(l->d->new, ref->addr - 1);

	if (!o || !below || o->kind != OBJECT_DATA || below->kind != OBJECT_DATA || o->section != below->section || l->d->after)
		return false;
	need_object(l, o);
	need_object(l, below);
	if (!o->item || !below->item)
		return false;
	((struct piece *)o->item)->tied = ((struct piece *)below->item)->tied = true;
	return true;
}

static void need_anon_target(struct layout *l, struct piece *p, const struct ref *ref)
{
	struct object *owner = p->item.object;
	uint32_t n, width;
	struct piece *table;

	if (text_of_old(l, ref))
		return;
	if (owner && owner->hot)
		owner = owner->hot;
	if (!owner || !p->item.code || !jump_table(l->d->new, ref, owner, &n, &width)) {
		uint64_t start, size = anon_whole(l->d->new, ref, &start);

		need_anon(l, start, size, ref->at);
		return;
	}
	if (piece_at(l, ref->addr))
		return;
	table = piece_new(l, PIECE_TABLE, ref->addr, (uint64_t)n * width);
	table->owner = owner;
	table->width = width;
	table->align = width;
	table->item.writable = width == 8 && !base_is_zero(l->d->new);
}

static void need_import(struct layout *l, struct piece *p, const struct ref *ref)
{
	struct slot *s;
	bool several;

	switch (ref->kind) {
	case REF_CALL:
		need_stub(l, ref->import);
		break;
	case REF_GOT:
		s = need_slot(l, ref->import, NULL, 0);
		if (s->ask)
			refuse_ref(l, CAUSE_IMPORT, ref, "it takes the address of an indirect function, which OLD does not");
		break;
	case REF_ABS64:
		if (!p->item.code) {
			if (indirect_function(l->d, ref->import, &several) || several)
				refuse_ref(l, CAUSE_IMPORT, ref, "it holds the address of an indirect function");
			break;
		}
		/* fall through */
	case REF_PCREL: case REF_ABS32: case REF_ABS32S:
		if (image_plt_for(l->d->new, ref->import) && !is_other_address(l->d, ref))
			need_stub(l, ref->import);
		else if (takes_slot(l->d, ref))
			copied_need(l, p, ref);
		else if (image_plt_for(l->d->new, ref->import))
			refuse_ref(l, CAUSE_IMPORT, ref, "it takes the address of a function, which OLD does not");
		else
			refuse_ref(l, CAUSE_IMPORT, ref, "data of another module is used directly");
		break;
	}
}

static void need_onward(struct layout *l, struct piece *p, const struct ref *ref)
{
	if (p->onward)
		return;
	p->onward = piece_new(l, PIECE_ONWARD, 0, 5);
	p->onward->to = ref;
	p->onward->item.code = true;
}

static bool is_tls(const struct ref *ref)
{
	switch (ref->kind) {
	case REF_GOT_TPOFF: case REF_TLSGD: case REF_TLSLD: case REF_TLSDESC:
	case REF_TPOFF32: case REF_TPOFF64: case REF_DTPOFF32: case REF_DTPOFF64:
		return true;
	}
	return false;
}

void need_target(struct layout *l, struct piece *p, const struct ref *ref)
{
	if (p->types) {
		need_type(l, ref);
		return;
	}
	if (ref->kind == REF_UNKNOWN) {
		refuse_ref(l, CAUSE_REF_UNKNOWN, ref, "its bytes do not follow from its relocation");
		return;
	}
	if ((ref->kind == REF_GOTPC || ref->kind == REF_GOTOFF) && !image_got(l->d->old)) {
		refuse_ref(l, CAUSE_REF_UNKNOWN, ref, "it is a distance to the GOT, and OLD does not say where it has one");
		return;
	}
	if (is_tls(ref)) {
		tls_need(l, ref);
		return;
	}
	if (ref->edge && !edge_is_clear(l, ref) && !tie_edge(l, ref))
		refuse_ref(l, CAUSE_EDGE, ref, ref->target == TARGET_OBJECT ? ref->object->name : "bytes without a name");
	switch (ref->target) {
	case TARGET_OBJECT:
		if (is_copied_import(ref->object)) {
			copied_need(l, p, ref);
			break;
		}
		need_object(l, ref->object);
		if (!ref->size)
			need_onward(l, p, ref);
		if (ref->kind == REF_GOT)
			need_slot(l, NULL, ref->object, ref->offset);
		break;
	case TARGET_IMPORT:
		need_import(l, p, ref);
		break;
	case TARGET_ANON:
		need_anon_target(l, p, ref);
		break;
	case TARGET_NOTHING: case TARGET_ABS:
		if (ref->kind == REF_GOT)
			need_slot(l, NULL, NULL, ref->target == TARGET_ABS ? ref->addr : 0);
		break;
	}
}

/* ---- where a target is ------------------------------------------------------------------------------------------- */

bool object_address(struct layout *l, const struct object *o, int64_t offset, bool call, uint64_t *addr)
{
	(void)l;
	if (o->twin && (!o->item || (o->redirected && !call && !offset && is_code(o))))
		*addr = o->twin->addr + offset;
	else if (o->item)
		*addr = o->item->addr + offset;
	else
		return false;
	return true;
}

static bool import_address(struct layout *l, const char *import, uint64_t *addr)
{
	struct plt *plt = image_plt_for(l->d->old, import);
	struct slot *s = find_slot(l, import, NULL, 0);

	if (plt)
		*addr = plt->addr;
	else if (s && s->stub)
		*addr = s->stub->item.addr;
	else
		return false;
	return true;
}

/* Of what is no constant; 0: it is not known. */
static uint64_t nameless_address(const struct layout *l, const struct ref *ref)
{
	const struct object *user = image_object_at(l->d->new, ref->at);

	return user && is_code(user) && lost_symbols(user) ? 0 : nameless_twin(l->d, ref->addr);
}

static bool target_address(struct layout *l, const struct ref *ref, uint64_t *addr)
{
	struct piece *p;
	uint64_t start;

	switch (ref->target) {
	case TARGET_OBJECT:
		return object_address(l, ref->object, ref->offset, ref->kind == REF_CALL, addr);
	case TARGET_IMPORT:
		if (!import_address(l, ref->import, addr))
			return false;
		*addr += ref->offset;
		return true;
	case TARGET_ANON:
		*addr = text_of_old(l, ref);
		if (*addr)
			return true;
		if (!(p = piece_at(l, ref->addr)) || p->kind != PIECE_TABLE) {
			anon_whole(l->d->new, ref, &start);
			p = piece_at(l, start);
		}
		*addr = p ? p->item.addr + (ref->addr - p->item.source) : nameless_address(l, ref);
		return *addr;
	default:
		*addr = ref->target == TARGET_ABS ? ref->addr : 0;
		return true;
	}
}

/* A function or PLT entry of NEW by its address. */
void need_code_address(struct layout *l, uint64_t addr)
{
	struct object *o = image_object_at(l->d->new, addr);
	uint32_t i;

	if (o) {
		need_object(l, o);
		return;
	}
	for (i = 0; i < l->d->new->nplts; i++)
		if (l->d->new->plts[i].addr == addr)
			need_stub(l, l->d->new->plts[i].import);
}

bool code_address(struct layout *l, uint64_t addr, uint64_t *final)
{
	struct object *o = image_object_at(l->d->new, addr);
	uint32_t i;

	if (o)
		return object_address(l, o, addr - o->addr, false, final);
	for (i = 0; i < l->d->new->nplts; i++)
		if (l->d->new->plts[i].addr == addr)
			return import_address(l, l->d->new->plts[i].import, final);
	return false;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static void put32(struct layout *l, uint8_t *at, int64_t value, const struct ref *ref, bool is_signed)
{
	int32_t v;

	value += hp_broken("place") && ref && ref->target == TARGET_ANON;
	v = value;
	if (is_signed ? value != v : (uint64_t)value >> 32)
		refuse_ref(l, CAUSE_REACH, ref, "the distance does not fit into 32 bits");
	memcpy(at, &v, 4);
}

static void write_slot_field(struct layout *l, uint8_t *field, uint64_t here, const struct ref *ref)
{
	struct slot *s = NULL;
	uint64_t addr;

	if (ref->target == TARGET_IMPORT)
		s = find_slot(l, ref->import, NULL, 0);
	else if (ref->target == TARGET_OBJECT)
		s = find_slot(l, NULL, ref->object, ref->offset);
	else if (ref->target == TARGET_NOTHING || ref->target == TARGET_ABS)
		s = find_slot(l, NULL, NULL, ref->target == TARGET_ABS ? ref->addr : 0);
	addr = !s ? 0 : s->number ? s->number->item.addr : s->addr;
	if (ref->kind == REF_GOT ? s != NULL : tls_slot(l, ref, &addr))
		put32(l, field, addr - (here + 4 + ref->tail), ref, true);
	else
		refuse_ref(l, CAUSE_REF_UNKNOWN, ref, "its GOT slot names nothing that is known");
}

static void write_tls_field(struct layout *l, uint8_t *field, const struct ref *ref)
{
	int64_t value;

	if (!tls_value(l, ref, &value))
		refuse_ref(l, CAUSE_REF_UNKNOWN, ref, "it names no thread-local variable that is known");
	else if (ref->size == 8)
		memcpy(field, &value, 8);
	else
		put32(l, field, value, ref, true);
}

/* A word of 64 bits: plain where addresses are known, else left to the boot record. */
static void write_word(struct layout *l, struct piece *p, uint8_t *field, uint64_t here, const struct ref *ref)
{
	uint64_t addr;

	if (ref->target == TARGET_IMPORT && !p->item.code) {
		memset(field, 0, 8);
		add_bind(l, here, ref->import, ref->offset);
		return;
	}
	if (!target_address(l, ref, &addr)) {
		refuse_ref(l, CAUSE_REF_UNKNOWN, ref, "its target has no place in the patch");
		return;
	}
	if (base_is_zero(l->d->old) || ref->target == TARGET_ABS || ref->target == TARGET_NOTHING) {
		memcpy(field, &addr, 8);
		return;
	}
	if (!p->item.writable) {
		refuse_ref(l, CAUSE_REF_UNKNOWN, ref, "code holds an address that depends on where the module is loaded");
		return;
	}
	memset(field, 0, 8);
	add_rel(l, here, addr);
}

/* New code counts from OLD's GOT, as old code does. */
static void write_to_got(struct layout *l, uint8_t *field, uint64_t here, const struct ref *ref)
{
	int64_t distance = image_got(l->d->old) + ref->offset - here;

	if (ref->size == 8)
		memcpy(field, &distance, 8);
	else
		put32(l, field, distance, ref, true);
}

/* The short jump of a thunk. */
static void put8(struct layout *l, uint8_t *field, int64_t distance, const struct ref *ref)
{
	if (distance != (int8_t)distance)
		refuse_ref(l, CAUSE_REACH, ref, "it is a short jump");
	*field = distance;
}

void write_field(struct layout *l, struct piece *p, const struct ref *ref)
{
	uint64_t off = ref->at - p->item.source, here = p->item.addr + off, addr;
	uint8_t *field = p->item.bytes + off;

	if (!ref->size)
		return;                                 /* write_onward() */
	if (takes_slot(l->d, ref)) {
		copied_write(l, p, ref);
		return;
	}
	switch (ref->kind) {
	case REF_GOT: case REF_GOT_TPOFF: case REF_TLSGD: case REF_TLSLD: case REF_TLSDESC:
		write_slot_field(l, field, here, ref);
		return;
	case REF_TPOFF32: case REF_TPOFF64: case REF_DTPOFF32: case REF_DTPOFF64:
		write_tls_field(l, field, ref);
		return;
	case REF_ABS64:
		write_word(l, p, field, here, ref);
		return;
	case REF_GOTPC:
		write_to_got(l, field, here, ref);
		return;
	case REF_SIZE:
		return;
	}
	if (!target_address(l, ref, &addr)) {
		refuse_ref(l, CAUSE_REF_UNKNOWN, ref, "its target has no place in the patch");
		return;
	}
	if (ref->size == 1) {
		put8(l, field, addr - (here + 1), ref);
		return;
	}
	switch (ref->kind) {
	case REF_CALL: case REF_PCREL:
		put32(l, field, addr - (here + 4 + ref->tail), ref, true);
		return;
	case REF_PCREL_DATA:
		put32(l, field, addr - here, ref, true);
		return;
	case REF_ABS32: case REF_ABS32S:
		put32(l, field, addr, ref, ref->kind == REF_ABS32S);
		return;
	case REF_PC64: case REF_GOTOFF:
		addr -= ref->kind == REF_PC64 ? here : image_got(l->d->old);
		memcpy(field, &addr, 8);
		return;
	}
	refuse_ref(l, CAUSE_REF_UNKNOWN, ref, "a kind of reference that a patch can't hold");
}

void write_onward(struct layout *l, struct piece *p)
{
	uint64_t addr;

	p->item.bytes = xcalloc(1, p->item.size);
	*p->item.bytes = 0xe9;
	if (target_address(l, p->to, &addr))
		put32(l, p->item.bytes + 1, addr - (p->item.addr + p->item.size), p->to, true);
	else
		refuse_ref(l, CAUSE_REF_UNKNOWN, p->to, "what it goes on in has no place in the patch");
}

/* Entries are distances from the table's start (4 bytes) or addresses (8 bytes), all inside OWNER and its cold part. */
void write_table(struct layout *l, struct piece *p)
{
	struct object *owner = p->owner, *part;
	uint64_t i, target, addr;

	for (i = 0; i < p->item.size; i += p->width) {
		uint8_t *field = p->item.bytes + i;
		int32_t distance;

		memcpy(&target, field, p->width);
		memcpy(&distance, field, 4);
		if (p->width == 4)
			target = p->item.source + distance;
		part = owner->cold && target - owner->cold->addr < owner->cold->size ? owner->cold : owner;
		if (target - part->addr > part->size || !part->item) {
			refuse_add(l->d, CAUSE_REF_UNKNOWN, owner->name, "an entry of its jump table leads outside");
			l->failed = true;
			return;
		}
		addr = part->item->addr + (target - part->addr);
		distance = addr - p->item.addr;
		if (p->width == 4) {
			memcpy(field, &distance, 4);
		} else if (p->item.writable) {
			memset(field, 0, 8);
			add_rel(l, p->item.addr + i, addr);
		} else {
			memcpy(field, &addr, 8);
		}
	}
}

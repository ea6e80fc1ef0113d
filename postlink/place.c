/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * place: final addresses and final bytes for everything that goes into the patch, and the list of plain writes.
 *
 * The module has room whose distance from its code is known since it was linked: the arena (executable) and the reserve
 * (writable). So the patch is linked here completely, in four steps:
 *
 *   gather   the picked objects, and what their references need besides: literals, jump tables, exception tables,
 *            PLT stubs and slots for imports that OLD does not have
 *   assign   addresses: functions by their order in NEW, cold parts behind, then constants; variables in the reserve
 *   fill     copy the bytes of NEW and write each reference anew for where it and its target are now
 *   writes   image, unwind slots, jumps above the entries, entries
 *
 * What can't be placed is a refusal. Example: f() of NEW calls puts() and the new g(), and uses "x":
 *
 *   arena+0   f: call old PLT entry of puts; call arena+0x40; lea arena+0x58(%rip)
 *   arena+40  g
 *   arena+58  "x"      ... then unwind tables for f and g, and the boot record
 *
 * A patch that outgrows the arena takes the end of the reserve instead, whose upper half is for that: whole pages that are
 * mapped from the hotpatch at startup, written into processes that run, and become a load segment in the coldpatch. Only
 * the boot record stays in the arena then.
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include <libiberty/hashtab.h>

#include "layout.h"
#include "../runtime/patch.h"

#define INT3 0xcc
#define CODE_ALIGN 16
#define PAGE 4096ull
#define SEGMENT_TAIL 1024               /* what loadseg.c may have to move behind the image */

bool base_is_zero(const struct image *img)
{
	return img->kind == IMAGE_EXEC || img->kind == IMAGE_STATIC;
}

const char *where_in_new(const struct diff *d, uint64_t addr)
{
	static char text[256];
	struct object *o = image_object_at(d->new, addr);

	if (o)
		snprintf(text, sizeof text, "%s+0x%llx", o->name, (unsigned long long)(addr - o->addr));
	else
		snprintf(text, sizeof text, "0x%llx", (unsigned long long)addr);
	return text;
}

/* ---- pieces ------------------------------------------------------------------------------------------------------ */

static hashval_t piece_hash(const void *p)
{
	uint64_t a = ((const struct piece *)p)->item.source;

	return (hashval_t)((a >> 4) * 2654435761u) ^ (hashval_t)a;
}

static int piece_eq(const void *a, const void *b)
{
	return ((const struct piece *)a)->item.source == ((const struct piece *)b)->item.source;
}

/* SOURCE 0: made up here, found by nobody. The piece belongs to diff.items once place() is through. */
struct piece *piece_new(struct layout *l, enum piece_kind kind, uint64_t source, uint64_t size)
{
	struct piece *p = xcalloc(1, sizeof *p);

	p->kind = kind;
	p->item.source = source;
	p->item.size = size;
	if (l->npieces == l->room_pieces) {
		l->room_pieces = l->room_pieces ? 2 * l->room_pieces : 64;
		l->pieces = xrealloc(l->pieces, l->room_pieces * sizeof *l->pieces);
	}
	l->pieces[l->npieces++] = p;
	if (source)
		*htab_find_slot(l->by_source, p, INSERT) = p;
	return p;
}

struct piece *piece_at(const struct layout *l, uint64_t source)
{
	struct piece key = { .item.source = source };

	return source ? htab_find(l->by_source, &key) : NULL;
}

static uint64_t pow2_above(uint64_t n)
{
	uint64_t p = 1;

	while (p < n && p < 64)
		p *= 2;
	return p;
}

/* An object of NEW without a counterpart in OLD, or picked: its bytes travel. */
void need_object(struct layout *l, struct object *o)
{
	struct piece *p;

	if (o->item || (o->twin && !o->included) || is_copied_import(o))
		return;
	if (o->kind == OBJECT_TLS) {
		tls_need_variable(l, o);
		return;
	}
	if (o->kind == OBJECT_LABEL) {
		refuse_add(l->d, is_end_of_section(o) ? CAUSE_WALKED : CAUSE_REF_UNKNOWN, o->name,
			   "'%s' has no counterpart in OLD", o->name);
		l->failed = true;
		return;
	}
	p = piece_new(l, PIECE_OBJECT, o->addr, o->size);
	p->item.object = o;
	p->item.name = xstrdup(o->name);
	p->item.code = o->section->exec;
	p->align = p->item.code ? alignment_of(o->addr, 64) : alignment_of(o->addr, PAGE);
	if (p->item.code && p->align < CODE_ALIGN)
		p->align = CODE_ALIGN;
	p->item.writable = is_writable(o);
	o->item = &p->item;
}

/* SIZE bytes at ADDR in NEW that have no name, used by the field at FROM. */
void need_anon(struct layout *l, uint64_t addr, uint64_t size, uint64_t from)
{
	struct section *s = image_section_at(l->d->new, addr);
	struct piece *p = piece_at(l, addr);
	bool constant = anon_is_constant(l->d->new, addr, image_object_at(l->d->new, from));

	if (!constant && nameless_twin(l->d, addr))
		return;
	if (!s || s->exec || !constant || !image_bytes(l->d->new, addr, size)) {
		refuse_add(l->d, CAUSE_REF_UNKNOWN, where_in_new(l->d, from),
			   "it names 0x%llx, which has no symbol and is no constant", (unsigned long long)addr);
		l->failed = true;
		return;
	}
	if (p) {
		if (p->item.size < size)
			p->item.size = size;
		return;
	}
	p = piece_new(l, PIECE_ANON, addr, size);
	p->align = alignment_of(addr, pow2_above(size));
}

/* ---- gather ------------------------------------------------------------------------------------------------------ */

static const struct ref *piece_refs(const struct layout *l, const struct piece *p, uint32_t *n)
{
	return image_refs_in(l->d->new, p->item.source, p->item.source + p->item.size, n);
}

/* Bytes without a name, of a section that can be written: -fsanitize=undefined marks there what it has reported. */
static bool is_written(const struct layout *l, const struct piece *p)
{
	const struct section *s = p->kind == PIECE_ANON ? image_section_at(l->d->new, p->item.source) : NULL;

	return s && s->write && !s->relro;
}

/* A new constant with pointers needs the load base, so it can't be plain bytes in the image. */
static void choose_region(struct layout *l, struct piece *p)
{
	uint32_t n;
	const struct ref *r = piece_refs(l, p, &n);

	if (is_written(l, p))
		p->item.writable = true;
	for (; n && !p->item.code; n--, r++)
		if (r->kind == REF_ABS64 && r->target != TARGET_ABS && r->target != TARGET_NOTHING &&
		    (!base_is_zero(l->d->new) || r->target == TARGET_IMPORT))
			p->item.writable = true;
}

static void gather_piece(struct layout *l, struct piece *p)
{
	const struct ref *r;
	uint32_t n;

	if (p->kind != PIECE_OBJECT && p->kind != PIECE_ANON && p->kind != PIECE_VALUE)
		return;
	choose_region(l, p);
	for (r = piece_refs(l, p, &n); n; n--, r++)
		need_target(l, p, r);
}

/* Pieces are appended while the list is walked; an anonymous one that grew is gathered again. True when it found any. */
static bool gather_pieces(struct layout *l)
{
	bool found = false;
	uint32_t i;

	for (i = 0; i < l->npieces && !l->failed; i++) {
		if (l->pieces[i]->gathered == l->pieces[i]->item.size)
			continue;
		l->pieces[i]->gathered = l->pieces[i]->item.size;
		gather_piece(l, l->pieces[i]);
		found = true;
	}
	return found;
}

/* The source is set late: nobody who names the variable means this copy of its value. */
static void gather_value(struct layout *l, struct value *v)
{
	uint64_t source = v->object->addr + v->offset;
	struct piece *p = piece_new(l, PIECE_VALUE, 0, v->size);
	struct piece *saved = piece_new(l, PIECE_SAVED, 0, sizeof(struct hp_saved) + v->size);

	p->item.source = source;
	p->align = alignment_of(source, PAGE);
	saved->align = 8;
	saved->was = v->update ? v : NULL;
	p->item.writable = saved->item.writable = true;
	v->item = &p->item;
	v->saved = &saved->item;
}

static void gather(struct layout *l)
{
	struct diff *d = l->d;
	uint32_t i;

	for (i = 0; i < d->npicked; i++) {
		need_object(l, d->picked[i]);
		if (d->picked[i]->cold)
			need_object(l, d->picked[i]->cold);
	}
	for (i = 0; i < d->nvalues; i++)
		if (d->values[i].active)
			gather_value(l, &d->values[i]);
	while (gather_pieces(l))
		need_unwind(l);
	unwind_piece(l);
	guard_gather(l);
}

/* ---- assign ------------------------------------------------------------------------------------------------------ */

/* A new variable, as the source has it; not a constant that stands in the reserve for its addresses. */
static bool is_variable(const struct piece *p)
{
	return p->kind == PIECE_OBJECT && !p->item.code && is_writable(p->item.object);
}

/* Functions, their cold parts, stubs, constants with the coarsest alignment first, unwind tables; then variables. */
static int piece_rank(const struct piece *p)
{
	if (p->item.writable)
		return 5;
	if (p->kind == PIECE_UNWIND)
		return 4;
	if (p->kind == PIECE_STUB || p->kind == PIECE_ASK || p->kind == PIECE_THUNK || p->kind == PIECE_GUARD)
		return 2;
	if (!p->item.code)
		return 3;
	return p->item.object && p->item.object->hot ? 1 : 0;
}

static int compare_pieces(const void *a, const void *b)
{
	const struct piece *x = *(struct piece *const *)a, *y = *(struct piece *const *)b;
	int rank = piece_rank(x) - piece_rank(y);

	if (rank)
		return rank;
	if (x->align != y->align && !x->item.code)
		return x->align < y->align ? 1 : -1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->kind == PIECE_TLS)
		return tls_compare_slots(x, y);
	if (x->kind == PIECE_NUMBER)
		return x->slot->offset < y->slot->offset ? -1 : x->slot->offset > y->slot->offset;
	if (x->kind == PIECE_STUB || x->kind == PIECE_ASK)
		return strcmp(x->slot->import, y->slot->import);
	if (x->kind == PIECE_THUNK && x->user != y->user)
		return x->user->item.source < y->user->item.source ? -1 : 1;
	if (x->kind == PIECE_THUNK)
		return x->back < y->back ? -1 : x->back > y->back;
	return x->item.source < y->item.source ? -1 : x->item.source > y->item.source;
}

/* A variable that the patch of --after has, too, stands where it stood. */
static bool assign_again(struct layout *l, struct piece *p)
{
	if (!is_variable(p) || !after_variable(l->d, p->item.object, &p->known))
		p->known = 0;
	p->item.addr = p->known;
	return p->known;
}

static void assign(struct layout *l)
{
	struct slot *s;
	uint32_t i;

	l->image_at = l->image;
	l->data_at = l->data;
	for (s = l->slots; s; s = s->next) {
		if (s->borrowed || s->number)
			continue;
		s->addr = align_up(l->data_at, 8);
		l->data_at = s->addr + 8;
	}
	for (i = 0; i < l->npieces; i++) {
		struct piece *p = l->pieces[i];
		uint64_t *at = p->item.writable ? &l->data_at : &l->image_at;

		if (p->lead || p->kind == PIECE_ONWARD || assign_again(l, p))
			continue;
		p->item.addr = *at = p->run ? run_assign(p, *at) : align_up(*at, p->align);
		*at += p->run ? p->run : p->item.size;
		if (p->onward) {
			p->onward->item.addr = *at;
			*at += p->onward->item.size;
		}
	}
	for (i = 0; i < l->npieces; i++) {
		struct piece *p = l->pieces[i];

		if (p->lead)
			p->item.addr = p->lead->item.addr + (p->item.source - p->lead->item.source);
	}
}

/* ---- fill -------------------------------------------------------------------------------------------------------- */

static void copy_source(struct layout *l, struct piece *p)
{
	const uint8_t *bytes = image_bytes(l->d->new, p->item.source, p->item.size);

	p->item.bytes = xcalloc(1, p->item.size + 8);
	if (bytes)
		memcpy(p->item.bytes, bytes, p->item.size);
}

static void fill_copy(struct layout *l, struct piece *p)
{
	uint32_t n;
	const struct ref *r = piece_refs(l, p, &n);

	copy_source(l, p);
	if (p->types)
		write_types(l, p);
	else
		for (; n; n--, r++)
			write_field(l, p, r);
	if (p->known)
		after_check_value(l->d, &p->item);
}

static void fill_piece(struct layout *l, struct piece *p)
{
	free(p->item.bytes);
	p->item.bytes = NULL;
	switch (p->kind) {
	case PIECE_UNWIND: case PIECE_GUARD: break;     /* when all others are done */
	case PIECE_STATE: p->item.bytes = xcalloc(1, p->item.size); break;
	case PIECE_SAVED: write_saved(l, p); break;
	case PIECE_TLS: tls_write_slot(l, p); break;
	case PIECE_NUMBER: p->item.bytes = xmemdup(&p->slot->offset, p->item.size, p->item.size); break;
	case PIECE_ASK: write_ask(l, p); break;
	case PIECE_ONWARD: write_onward(l, p); break;
	case PIECE_STUB: write_stub(l, p); break;
	case PIECE_THUNK: write_thunk(l, p); break;
	case PIECE_TABLE: copy_source(l, p); write_table(l, p); break;
	case PIECE_OBJECT: case PIECE_ANON: case PIECE_VALUE: fill_copy(l, p); break;
	}
}

/* Where the arena is free: behind the patch of --after and what that needs. */
static uint64_t arena_start(const struct diff *d)
{
	return d->after ? after_end(d) : d->old->arena;
}

/* Behind the image; alone in the arena when the image is elsewhere. */
static void place_boot(struct layout *l)
{
	struct diff *d = l->d;

	d->boot_addr = 0;
	if (!d->boot_size)
		return;
	d->boot_addr = align_up(d->mapped ? arena_start(d) : l->image_at, 16);
	if (!d->mapped)
		l->image_at = d->boot_addr + d->boot_size;
}

static void fill(struct layout *l)
{
	uint32_t i;

	l->nrels = l->nbinds = l->ncopies = 0;
	for (i = 0; i < l->npieces; i++)
		fill_piece(l, l->pieces[i]);
	slot_values(l);
	check_shared_values(l);
	if (l->unwind)
		unwind_fill(l);
	boot_build(l);
	place_boot(l);
	if (l->guard)
		guard_fill(l);
}

/* ---- writes ------------------------------------------------------------------------------------------------------ */

void add_write(struct diff *d, enum hp_phase phase, uint64_t addr, uint32_t size, const uint8_t *old_bytes,
	       const uint8_t *new_bytes)
{
	struct write *w;

	d->writes = xrealloc(d->writes, (d->nwrites + 1) * sizeof *d->writes);
	w = &d->writes[d->nwrites++];
	memset(w, 0, sizeof *w);
	w->w.addr = addr;
	w->w.size = size;
	w->w.phase = phase;
	w->old = old_bytes ? xmemdup(old_bytes, size, size) : NULL;
	w->new_ = xmemdup(new_bytes, size, size);
}

/* The image from its first to its last byte, int3 in the gaps. The caller frees it. */
static uint8_t *image_bytes_of(struct layout *l, uint64_t size)
{
	uint8_t *bytes = xmalloc(size + 1);
	uint32_t i;

	memset(bytes, INT3, size);
	for (i = 0; i < l->npieces; i++)
		if (!l->pieces[i]->item.writable)
			memcpy(bytes + (l->pieces[i]->item.addr - l->image), l->pieces[i]->item.bytes,
			       l->pieces[i]->item.size);
	return bytes;
}

/* One record for the arena; a mapped image is no write. */
static void image_write(struct layout *l)
{
	struct diff *d = l->d;
	uint64_t size = l->image_at - l->image;
	uint8_t *bytes = image_bytes_of(l, size);

	if (d->mapped) {
		d->segment = bytes;
		d->segment_addr = l->image;
		d->segment_size = size;
		if (d->boot_size)
			add_write(d, HP_IMAGE, d->boot_addr, d->boot_size, NULL, d->boot);
		return;
	}
	if (d->boot_size)
		memcpy(bytes + (d->boot_addr - l->image), d->boot, d->boot_size);
	if (size)
		add_write(d, HP_IMAGE, l->image, size, NULL, bytes);
	free(bytes);
}

static void room_write(struct layout *l, const struct object *o)
{
	struct diff *d = l->d;
	uint64_t room = o->twin->addr - HP_ROOM_SIZE;
	int64_t distance = guard_of(l, o) - o->twin->addr;
	const uint8_t *old = image_bytes(d->old, room, HP_ROOM_SIZE);
	uint8_t jump[HP_ROOM_SIZE] = { 0xe9, distance, distance >> 8, distance >> 16, distance >> 24 };

	if (!old || distance != (int32_t)distance) {
		refuse_add(d, old ? CAUSE_REACH : CAUSE_UNREDIRECTABLE, o->name, "no jump fits above its old entry");
		l->failed = true;
		return;
	}
	add_write(d, HP_ROOM, room, HP_ROOM_SIZE, old, jump);
}

/* jmp short to the room: from the entry itself or from behind its landing pad. The other bytes of the quadword, which may
 * be a room, are not this record's: they are equal on its two sides. */
static void entry_write(struct layout *l, const struct object *o)
{
	static const uint8_t endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	struct diff *d = l->d;
	const uint8_t *code = image_bytes(d->old, o->twin->addr, 6), *old;
	bool pad = code && !memcmp(code, endbr64, 4);
	uint64_t at = o->twin->addr + (pad ? 4 : 0), word = at & ~7ull;
	uint8_t back = pad ? 0xf5 : 0xf9, bytes[8];

	if (!code || at % 8 == 7 || !(old = image_bytes(d->old, word, 8))) {
		refuse_add(d, CAUSE_UNREDIRECTABLE, o->name, "its old entry can't be replaced by one write");
		l->failed = true;
		return;
	}
	if (old[at - word] == 0x66 && old[at - word + 1] == back) {
		add_write(d, HP_ENTRY, at, 1, old + (at - word), (uint8_t *)"\xeb");
		return;
	}
	memcpy(bytes, old, 8);
	bytes[at - word] = 0xeb;
	bytes[at - word + 1] = back;
	add_write(d, HP_ENTRY, word, 8, old, bytes);
}

static int compare_twins(const void *a, const void *b)
{
	const struct object *x = *(struct object *const *)a, *y = *(struct object *const *)b;

	return x->twin->addr < y->twin->addr ? -1 : x->twin->addr > y->twin->addr;
}

static void redirect_writes(struct layout *l)
{
	struct diff *d = l->d;
	struct object **list = xmalloc((d->npicked + 1) * sizeof *list);
	uint32_t i, n = 0;

	for (i = 0; i < d->npicked; i++)
		if (d->picked[i]->redirected && d->picked[i]->twin)
			list[n++] = d->picked[i];
	qsort(list, n, sizeof *list, compare_twins);
	for (i = 0; i < n; i++)
		room_write(l, list[i]);
	for (i = 0; i < n && !l->failed; i++)
		entry_write(l, list[i]);
	free(list);
}

/* ---- the stage --------------------------------------------------------------------------------------------------- */

static bool arena_is_fresh(struct diff *d)
{
	uint64_t i, size = d->old->arena_end - d->old->arena;
	const uint8_t *bytes = image_bytes(d->old, d->old->arena, size);

	for (i = 0; bytes && i < size && bytes[i] == INT3; i++)
		;
	if (bytes && i == size)
		return true;
	refuse_add(d, CAUSE_ARENA, "", "the arena of OLD is not empty: OLD carries a patch already");
	return false;
}

static bool regions_hold(struct layout *l)
{
	struct diff *d = l->d;

	if (l->image_at > l->image_end)
		refuse_add(d, CAUSE_ARENA, "", "it needs %llu bytes, the arena has %llu",
			   (unsigned long long)(l->image_at - l->image), (unsigned long long)(l->image_end - l->image));
	if (d->mapped && d->boot_size && d->boot_addr + d->boot_size > d->old->arena_end)
		refuse_add(d, CAUSE_ARENA, "", "its boot record needs %u bytes", d->boot_size);
	if (after_is_mapped(d) && !d->mapped)
		refuse_add(d, CAUSE_ARENA, "", "below the patch of --after there is no room for %llu bytes and a gate",
			   (unsigned long long)(l->image_at - l->image));
	if (l->data_at > l->data_end)
		refuse_add(d, CAUSE_RESERVE, "", "it needs %llu bytes, the reserve has %llu",
			   (unsigned long long)(l->data_at - l->data), (unsigned long long)(l->data_end - l->data));
	return !d->refusals;
}

/* One function and the one before it may change over together: as many passages as both patches have entries. */
static uint32_t count_passages(const struct diff *d)
{
	const struct hp_patch *before = after_patch(d);
	uint32_t n = 0, i;

	for (i = 0; i < d->npicked; i++)
		n += d->picked[i]->redirected && d->picked[i]->twin;
	for (i = 0; before && i < before->nwrite; i++)
		n += hp_patch_writes(before)[i].phase == HP_ENTRY;
	return before && before->passages > n ? before->passages : n;
}

/*
 * The image outgrew the arena: it goes to the last whole pages of the reserve's upper half, or to those below the patch of
 * --after, for what follows a mapped one has its pairs of .eh_frame_hdr below that one's. A gate has room below that.
 */
static void place_mapped(struct layout *l)
{
	struct diff *d = l->d;
	uint64_t end = after_is_mapped(d) ? hp_patch_line(after_patch(d))->image : d->old->reserve_end & -PAGE;
	uint64_t size = align_up(l->image_at - l->image + SEGMENT_TAIL, PAGE);
	uint64_t gate = d->after ? (uint64_t)d->passages * HP_GATE_PASSAGE : 0;

	if ((l->image_at <= l->image_end && !after_is_mapped(d)) || end < l->data_end + gate + size)
		return;
	d->mapped = true;
	l->image = end - size;
	l->image_end = end;
	unwind_plan(l);
	assign(l);
	fill(l);
}

/* Items in the order of their addresses; with them diff owns the pieces. */
static void hand_over(struct layout *l)
{
	struct item **end = &l->d->items;
	uint32_t i;

	for (i = 0; i < l->npieces; i++) {
		*end = &l->pieces[i]->item;
		end = &l->pieces[i]->item.next;
	}
	*end = NULL;
}

static void layout_release(struct layout *l)
{
	struct slot *s, *next;

	for (s = l->slots; s; s = next) {
		next = s->next;
		free(s);
	}
	htab_delete(l->by_source);
	texts_release(l);
	free(l->pieces);
	free(l->rels);
	free(l->binds);
	free(l->copies);
	free(l->fdes);
}

static void layout_init(struct layout *l, struct diff *d)
{
	memset(l, 0, sizeof *l);
	l->d = d;
	l->by_source = htab_create_alloc(1024, piece_hash, piece_eq, NULL, xcalloc, free);
	l->image = arena_start(d);
	l->image_end = d->old->arena_end;
	l->data = d->after ? hp_patch_line(after_patch(d))->reserve_used : 0;
	if (l->data < d->old->reserve + HP_RESERVE_LEAD)
		l->data = d->old->reserve + HP_RESERVE_LEAD;
	l->data_end = hp_reserve_code(d->old->reserve, d->old->reserve_end);
}

static uint64_t arena_used(const struct layout *l)
{
	const struct diff *d = l->d;
	uint64_t end = d->boot_size ? d->boot_addr + d->boot_size : arena_start(d);

	return (d->mapped ? align_up(end, 16) : l->image_at) - d->old->arena;
}

/* The end of the arena that is taken: with a gate, unless that has room below a mapped image. */
static uint64_t taken_end(const struct layout *l)
{
	const struct diff *d = l->d;
	uint64_t chunk = chunk_size(d->old), gate = (uint64_t)d->passages * HP_GATE_PASSAGE;

	if (d->mapped && l->image - l->data_end >= gate)
		return d->old->arena + d->arena_used;
	return align_up(d->old->arena + align_up(d->arena_used, chunk), 16) + gate;
}

static bool has_constructors(const struct diff *d)
{
	for (uint32_t i = 0; i < d->nhooks; i++)
		if (d->hooks[i].when == HP_HOOK_CONSTRUCT)
			return true;
	return false;
}

/* What is told to a patch that follows; nothing can follow one that took the unwind entries of old code, or has constructors. */
static void describe(struct layout *l)
{
	struct diff *d = l->d;
	uint64_t end;
	uint32_t i;

	d->followable = !d->drops && !has_constructors(d);
	if (!d->followable)
		return;
	end = taken_end(l);
	d->line.image = d->line.code_end = l->image;
	for (i = 0; i < l->npieces; i++)
		if (piece_rank(l->pieces[i]) <= 2)
			d->line.code_end = l->pieces[i]->item.addr + l->pieces[i]->item.size;
	d->line.end = end < d->old->arena_end ? end : d->old->arena_end;
	d->line.reserve_used = d->old->reserve + d->reserve_used;
}

static void write_all(struct layout *l)
{
	image_write(l);
	unwind_writes(l);
	redirect_writes(l);
}

/* Fills diff.items, writes, boot record and the sizes. Refuses when something can't be placed; then nothing else in
 * diff is of use. Needs diff.picked and the twins; the images stay as they are but for object.item. */
void place(struct diff *d)
{
	struct layout l;

	after_check_hooks(d);
	layout_init(&l, d);
	d->passages = count_passages(d);
	if (arena_is_fresh(d))
		gather(&l);
	else
		l.failed = true;
	runs_find(&l);
	if (l.npieces)
		qsort(l.pieces, l.npieces, sizeof *l.pieces, compare_pieces);
	if (!l.failed)
		tls_assign(&l);
	if (!l.failed) {
		unwind_plan(&l);
		assign(&l);
		fill(&l);
		place_mapped(&l);
	}
	if (!l.failed && regions_hold(&l)) {
		d->arena_used = arena_used(&l);
		d->reserve_used = l.data_at > d->old->reserve + HP_RESERVE_LEAD ? l.data_at - d->old->reserve : 0;
		d->nrels = l.nrels + l.ncopies;
		d->nbinds = l.nbinds;
		d->hooks_addr = l.state ? l.state->item.addr : 0;
		d->guard_addr = l.guard ? l.guard->item.addr : 0;
		write_all(&l);
		describe(&l);
	}
	hand_over(&l);
	layout_release(&l);
}

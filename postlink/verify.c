/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verify: is the coldpatch, read back from disk, the program NEW?
 *
 * Nothing that place or emit noted down is asked. Each function of NEW is looked up where a running process would find
 * it: at the old entry of its twin, through the jumps that the file's bytes hold; a function that OLD does not have is
 * found through the references to it. Its bytes must be those of NEW, and each reference, decoded from the file, must
 * lead to the counterpart of what NEW names: functions and variables by identity, literals and tables by content,
 * imports through PLT, GOT or a slot that the boot record binds, thread-local ones as in checktls.c. So it is a walk over two
 * graphs side by side; the first place that differs is reported.
 *
 * Besides: an unwinder's search finds the right entry for each new function, and no byte outside the patch's writes and
 * the registry differs from the base.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>

#include "check.h"
#include "copied.h"
#include "facts.h"

#define MOST_MESSAGES 20
#define WINDOW (1 << 20)

void check_failed(struct check *c, const char *where, uint64_t offset, const char *fmt, ...)
{
	char *text, *place;
	va_list ap;

	if (hp_broken("verify") || c->failures++ >= MOST_MESSAGES)
		return;
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	place = xasprintf("%s+0x%llx", where, (unsigned long long)offset);
	refuse_add(c->d, CAUSE_VERIFY, place, "%s", text);
	free(text);
	free(place);
}

/* ---- where things are in the patched file ------------------------------------------------------------------------ */

static bool in_patch(const struct check *c, uint64_t addr)
{
	const struct image *old = c->d->old;

	return (addr >= old->arena && addr < old->arena_end) || (addr >= old->reserve && addr < old->reserve_end);
}

/* Where a call to the old entry at ADDR ends up, by the bytes of the file. */
static uint64_t follow_entry(struct check *c, const struct object *o, uint64_t addr)
{
	static const uint8_t endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	const uint8_t *cold = view_at(&c->cold, addr, 6), *old = image_bytes(c->d->old, addr, 6), *room;
	int pad = cold && !memcmp(cold, endbr64, 4) ? 4 : 0;
	int32_t distance;

	if (!cold || !old || !memcmp(cold + pad, old + pad, 2))
		return addr;
	room = view_at(&c->cold, addr - HP_ROOM_SIZE, HP_ROOM_SIZE);
	if (cold[pad] != 0xeb || cold[pad + 1] != (pad ? 0xf5 : 0xf9) || !room || room[0] != 0xe9) {
		check_failed(c, o->name, 0, "its old entry holds no jump");
		return addr;
	}
	memcpy(&distance, room + 1, 4);
	return c->hooks ? check_guard(c, o, addr + pad, addr + distance) : addr + distance;
}

static uint64_t *body_of(struct check *c, const struct object *o)
{
	return &c->body[o - c->d->new->objects];
}

/* O of NEW was found at ADDR. The first time it is put on the list of what is to be compared. */
static bool found_at(struct check *c, struct object *o, uint64_t addr)
{
	uint64_t *body = body_of(c, o);

	if (*body)
		return *body == addr;
	*body = addr;
	c->todo[c->ntodo++] = o;
	return true;
}

/* Without a change or a redirection, a thing that both builds have stands where OLD has it. */
static bool stays(const struct object *o)
{
	return o->twin && (!o->included || o->redirected);
}

static void find_roots(struct check *c)
{
	struct image *new = c->d->new;
	uint32_t i;

	for (i = 0; i < new->nobjects; i++) {
		struct object *o = &new->objects[i];

		if (!o->section || !o->section->exec || !o->size || !stays(o))
			continue;
		found_at(c, o, follow_entry(c, o, o->twin->addr));
	}
}

/* ---- targets ----------------------------------------------------------------------------------------------------- */

/* True when ADDR in the patched file is what NEW calls O + OFFSET. */
static bool is_object(struct check *c, struct object *o, int64_t offset, uint64_t addr, bool call)
{
	uint64_t start = addr - offset;
	bool code = o->kind == OBJECT_FUNC || o->kind == OBJECT_IFUNC;

	if (stays(o) && start == o->twin->addr)
		return !offset || !code || *body_of(c, o) == start;
	if (o->redirected && code && !call && !offset)
		return false;
	if (stays(o) && !(o->redirected && code))
		return false;
	return in_patch(c, start) && found_at(c, o, start);
}

/* The relocation of an edge does not tell whether the start of an object or the end of the one below is meant. */
static bool is_end_below(struct check *c, const struct ref *ref, uint64_t addr)
{
	struct object *below = ref->edge ? image_object_at(c->d->new, ref->addr - 1) : NULL;

	return below && below->addr + below->size == ref->addr && is_object(c, below, below->size, addr, false);
}

const struct hp_rel *check_rel(const struct check *c, uint64_t where)
{
	uint32_t i;

	for (i = 0; c->boot && i < c->boot->nrel; i++)
		if (c->rels[i].where == where)
			return &c->rels[i];
	return NULL;
}

bool check_bound(const struct check *c, uint64_t where, const char *import, int64_t addend)
{
	const char *base = (const char *)c->boot, *at = strchr(import, '@');
	uint64_t n = at ? (uint64_t)(at - import) : strlen(import);
	uint32_t i;

	for (i = 0; c->boot && i < c->boot->nbind; i++) {
		const struct hp_bind *b = &c->binds[i];
		const char *name = base + b->name, *version = b->version ? base + b->version : "";

		if (b->where == where)
			return b->addend == addend && strlen(name) == n && !memcmp(name, import, n) &&
			       !strcmp(version, at ? at + strspn(at, "@") : "");
	}
	return false;
}

const struct got *check_got(const struct check *c, uint64_t addr)
{
	const struct image *old = c->d->old;
	uint32_t lo = 0, hi = old->ngots, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (old->gots[mid].addr < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < old->ngots && old->gots[lo].addr == addr ? &old->gots[lo] : NULL;
}

static bool slot_holds(struct check *c, uint64_t slot, const char *import, int64_t offset)
{
	const struct got *got = check_got(c, slot);

	if (got)
		return got->holds == GOT_ADDRESS && got->import && !strcmp(got->import, import) && !offset;
	if (!offset && check_rel(c, slot))
		return check_ask(c, check_rel(c, slot)->value, slot, import);
	return check_bound(c, slot, import, offset);
}

static bool slot_has_import(struct check *c, uint64_t slot, const char *import)
{
	return slot_holds(c, slot, import, 0);
}

static int compare_plt(const void *addr, const void *plt)
{
	uint64_t a = *(const uint64_t *)addr, b = ((const struct plt *)plt)->addr;

	return a < b ? -1 : a > b;
}

static bool is_plt(struct check *c, uint64_t addr, const char *import)
{
	const struct image *old = c->d->old;
	const struct plt *plt = old->nplts ? bsearch(&addr, old->plts, old->nplts, sizeof *plt, compare_plt) : NULL;
	const uint8_t *stub;
	int32_t distance;

	if (plt)
		return !strcmp(plt->import, import);
	stub = in_patch(c, addr) ? view_at(&c->cold, addr, 10) : NULL;
	if (!stub || memcmp(stub, "\xf3\x0f\x1e\xfa\xff\x25", 6))
		return false;
	memcpy(&distance, stub + 6, 4);
	return slot_has_import(c, addr + 10 + distance, import);
}

static bool is_table(struct check *c, const struct ref *ref, uint64_t addr, uint32_t n, uint32_t width,
		     struct object *owner)
{
	const uint8_t *new = image_bytes(c->d->new, ref->addr, (uint64_t)n * width);
	uint64_t i, nt, ct;

	for (i = 0; i < n; i++) {
		const uint8_t *cold = check_bytes(c, addr + i * width, width);
		struct object *part = owner;
		int32_t nd, cd;

		if (!new || !cold)
			return false;
		memcpy(&nd, new + i * width, 4);
		memcpy(&cd, cold, 4);
		if (width == 4) {
			nt = ref->addr + nd;
			ct = addr + cd;
		} else {
			memcpy(&nt, new + i * width, 8);
			memcpy(&ct, cold, 8);
			if (check_rel(c, addr + i * width))
				ct = check_rel(c, addr + i * width)->value;
		}
		if (owner->cold && nt - owner->cold->addr < owner->cold->size)
			part = owner->cold;
		if (ct - (nt - part->addr) != *body_of(c, part) &&
		    !is_object(c, part, nt - part->addr, ct, true))
			return false;
	}
	return true;
}

static bool is_anon(struct check *c, struct object *user, const struct ref *ref, uint64_t addr)
{
	struct object *owner = user && user->hot ? user->hot : user;
	uint32_t n, width;
	uint64_t start, size;

	if (owner && owner->section->exec && jump_table(c->d->new, ref, owner, &n, &width))
		return is_table(c, ref, addr, n, width, owner);
	size = anon_whole(c->d->new, ref, &start);
	return check_range(c, NULL, start, size, addr - (ref->addr - start));
}

/* True when ADDR in the patched file is the counterpart of what REF of NEW names. */
static bool is_target(struct check *c, struct object *user, const struct ref *ref, uint64_t addr)
{
	switch (ref->target) {
	case TARGET_OBJECT:
		return is_object(c, ref->object, ref->offset, addr, ref->kind == REF_CALL) ||
		       is_end_below(c, ref, addr);
	case TARGET_IMPORT:
		return is_plt(c, addr - ref->offset, ref->import);
	case TARGET_ANON:
		return is_anon(c, user, ref, addr) || is_end_below(c, ref, addr);
	case TARGET_ABS:
		return addr == ref->addr;
	}
	return !addr;
}

bool check_target(struct check *c, const struct ref *ref, uint64_t addr)
{
	return is_target(c, NULL, ref, addr);
}

/* ---- fields ------------------------------------------------------------------------------------------------------ */

static bool slot_is_right(struct check *c, struct object *user, const struct ref *ref, uint64_t slot)
{
	const struct got *got = check_got(c, slot);
	const struct hp_rel *rel;
	const uint8_t *number;

	if (got && got->holds != GOT_ADDRESS)
		return false;
	if (ref->target == TARGET_IMPORT)
		return got ? got->import && !strcmp(got->import, ref->import) : check_bound(c, slot, ref->import, 0);
	if (got && got->import)
		return false;
	rel = check_rel(c, slot);
	if (ref->target == TARGET_ABS && !got)
		return !rel && (number = check_bytes(c, slot, sizeof ref->addr)) && !memcmp(number, &ref->addr, sizeof ref->addr);
	return is_target(c, user, ref, got ? got->value : rel ? rel->value : 0);
}

bool check_slot(struct check *c, const struct ref *ref, uint64_t slot)
{
	if (ref->target == TARGET_OBJECT && is_copied_import(ref->object))
		return slot_holds(c, slot, ref->object->copied, 0);
	return slot_is_right(c, NULL, ref, slot);
}

/* A word of data: what the loader or the boot record will make of it. */
static bool word_is_right(struct check *c, struct object *user, const struct ref *ref, uint64_t here, uint64_t value)
{
	const struct hp_rel *rel;
	const struct ref *old;
	uint32_t n;

	if (in_patch(c, here)) {
		if (ref->target == TARGET_IMPORT && !image_has_code_at(c->d->new, ref->at))
			return check_bound(c, here, ref->import, ref->offset);
		rel = check_rel(c, here);
		return is_target(c, user, ref, rel ? rel->value : value);
	}
	old = image_refs_in(c->d->old, here, here + 8, &n);
	return n && old->at == here ? ref_same(c->d, old, ref) : is_target(c, user, ref, value);
}

/* In old code OLD's own reference is asked where the bytes alone do not tell enough: what a linker makes of a weak symbol
 * that nobody defines differs (0, an empty PLT entry), and how far a short literal reaches is a guess (anon.c). */
static bool is_same_in_old(struct check *c, struct object *user, const struct ref *ref, uint64_t here)
{
	uint32_t n;
	const struct ref *old = in_patch(c, here) ? NULL : image_refs_in(c->d->old, here, here + ref->size, &n);

	if (!old || old->at != here || old->kind != ref->kind || old->target != ref->target)
		return false;
	return ref->target == TARGET_NOTHING ||
	       (ref->target == TARGET_ANON && anon_same(c->d, old, ref, user ? user->twin : NULL, user));
}

/* USER, whose bytes stand at HERE, goes on in what REF names: by a jump, or as it did in OLD. */
static bool goes_on_there(struct check *c, struct object *user, const struct ref *ref, uint64_t here)
{
	const uint8_t *jump = user && in_patch(c, here) ? check_bytes(c, here + user->size, 5) : NULL;
	uint32_t n;
	const struct ref *old = in_patch(c, here) ? NULL : image_refs_in(c->d->old, here, here + 1, &n);
	int32_t distance;

	if (old)
		return !old->size && is_target(c, user, ref, old->addr);
	if (!jump || *jump != 0xe9)
		return false;
	memcpy(&distance, jump + 1, 4);
	return is_target(c, user, ref, here + user->size + 5 + distance);
}

/* True when the field at HERE in the patched file, by its bytes, says what REF says in NEW. */
static bool field_says_so(struct check *c, struct object *user, const struct ref *ref, uint64_t here)
{
	const uint8_t *field = check_bytes(c, here, ref->size);
	int64_t value = 0;
	int32_t v32;

	if (!ref->size)
		return goes_on_there(c, user, ref, here);
	if (!field)
		return false;
	if (ref->size == 1)
		return is_target(c, user, ref, here + 1 + (int8_t)*field);
	memcpy(&v32, field, 4);
	value = v32;
	if (ref->size == 8)
		memcpy(&value, field, 8);
	switch (ref->kind) {
	case REF_CALL: case REF_PCREL:
		return is_target(c, user, ref, here + 4 + ref->tail + value);
	case REF_PCREL_DATA: case REF_PC64:
		return is_target(c, user, ref, here + value);
	case REF_ABS32:
		return is_target(c, user, ref, (uint32_t)value);
	case REF_ABS32S:
		return is_target(c, user, ref, value);
	case REF_ABS64:
		return word_is_right(c, user, ref, here, value);
	case REF_GOT:
		return slot_is_right(c, user, ref, here + 4 + ref->tail + value);
	case REF_GOT_TPOFF: case REF_TLSGD: case REF_TLSLD: case REF_TLSDESC:
		return check_tls_slot(c, ref, here + 4 + ref->tail + value);
	case REF_TPOFF32: case REF_TPOFF64: case REF_DTPOFF32: case REF_DTPOFF64:
		return check_tls_offset(c, ref, value);
	case REF_GOTPC:
		return here + value == image_got(c->d->old) + ref->offset;
	case REF_GOTOFF:
		return is_target(c, user, ref, image_got(c->d->old) + value);
	case REF_SIZE:
		return true;
	}
	return false;
}

static bool field_is_right(struct check *c, struct object *user, const struct ref *ref, uint64_t here)
{
	return field_says_so(c, user, ref, here) || is_same_in_old(c, user, ref, here);
}

/* The jump at HERE leads to what stands for the instruction USE, and that back to behind it. */
static bool copied_thunk_is_right(struct check *c, const struct ref *ref, const struct copied *use, uint64_t here)
{
	const uint8_t *jump = check_bytes(c, here, 5), *thunk;
	uint8_t want[THUNK_SIZE];
	unsigned slot, back = copied_thunk(use, want, &slot);
	uint64_t end = here + use->lead + 4 + use->tail;
	int32_t distance, to_end, to_slot;

	if (!jump || *jump != 0xe9)
		return false;
	memcpy(&distance, jump + 1, 4);
	here += 5 + distance;
	thunk = view_at(&c->cold, here, THUNK_SIZE);
	if (!thunk)
		return false;
	memcpy(&to_slot, thunk + slot, 4);
	memcpy(&to_end, thunk + back, 4);
	memcpy(want + slot, &to_slot, 4);
	memcpy(want + back, &to_end, 4);
	return !memcmp(thunk, want, back + 4) && here + back + 4 + to_end == end &&
	       slot_holds(c, here + slot + 4 + to_slot, slot_import(ref), ref->offset);
}

/* The load at HERE is that of USE. */
static bool copied_word_is_right(struct check *c, const struct ref *ref, const struct copied *use, uint64_t here)
{
	const uint8_t *load = check_bytes(c, here, WORD_SIZE);
	uint8_t want[WORD_SIZE];
	unsigned slot = copied_word(use, want);
	int32_t to_slot;

	if (!load)
		return false;
	memcpy(&to_slot, load + slot, 4);
	memcpy(want + slot, &to_slot, 4);
	return !memcmp(load, want, WORD_SIZE) && slot_holds(c, here + slot + 4 + to_slot, slot_import(ref), ref->offset);
}

/* A variable of a library that OLD does not use: see copied.c for what the instruction becomes. */
static bool copied_is_right(struct check *c, struct object *user, const struct ref *ref, uint64_t here)
{
	const uint8_t *new = image_bytes(c->d->new, ref->at - 3, 3), *cold = check_bytes(c, here - 3, 7);
	struct copied use;
	int32_t distance;

	(void)user;
	if (ref->kind == REF_ABS64 && !image_has_code_at(c->d->new, ref->at))
		return check_bound(c, here, slot_import(ref), ref->offset);
	if (ref->kind != REF_GOT && !copied_use(c->d->new, ref, &use))
		return false;
	if (ref->kind != REF_GOT && use.word)
		return copied_word_is_right(c, ref, &use, here - use.lead);
	if (ref->kind != REF_GOT && !use.lea)
		return copied_thunk_is_right(c, ref, &use, here - use.lead);
	if (!new || !cold)
		return false;
	memcpy(&distance, cold + 3, 4);
	if (ref->kind == REF_GOT)
		return slot_has_import(c, here + 4 + distance, slot_import(ref));
	return cold[0] == new[0] && cold[1] == 0x8b && cold[2] == new[2] &&
	       slot_holds(c, here + 4 + distance, slot_import(ref), ref->offset);
}

/* ---- comparing --------------------------------------------------------------------------------------------------- */

/* What N bytes at ADDR hold in the patched process before its constructors run; the reserve by the boot record. */
const uint8_t *check_bytes(struct check *c, uint64_t addr, uint64_t n)
{
	static const uint8_t zero[64];
	const struct image *old = c->d->old;
	const uint8_t *bytes = view_at(&c->cold, addr, n);
	uint32_t i;

	if (bytes || addr < old->reserve || addr + n > old->reserve_end)
		return bytes;
	for (i = 0; c->boot && i < c->boot->ninit; i++)
		if (addr >= c->inits[i].dst && addr + n <= c->inits[i].dst + c->inits[i].size)
			return (const uint8_t *)c->boot + c->inits[i].src + (addr - c->inits[i].dst);
	return n <= sizeof zero ? zero : NULL;
}

static bool run_same(struct check *c, const uint8_t *new, uint64_t addr, uint64_t n, uint64_t *first)
{
	uint64_t i, step;

	for (i = 0; i < n; i += step) {
		const uint8_t *cold = check_bytes(c, addr + i, n - i);

		step = cold ? n - i : n - i < 64 ? n - i : 64;
		if (!cold)
			cold = check_bytes(c, addr + i, step);
		if (!cold || memcmp(new + i, cold, step)) {
			for (*first = i; cold && new[*first] == cold[*first - i]; ++*first)
				;
			return false;
		}
	}
	return true;
}

static bool zero_at(struct check *c, uint64_t addr, uint64_t n)
{
	const uint8_t *byte;

	for (; n; addr++, n--) {
		byte = check_bytes(c, addr, 1);
		if (!byte || *byte)
			return false;
	}
	return true;
}

/* The only bytes of an unchanged function that may differ: values of __LINE__ that moved with an edit above it. */
static bool line_moved(struct check *c, const struct object *user, uint64_t new_addr, uint64_t addr)
{
	static const int sizes[] = { 4, 2, 1 };
	const struct image *old = c->d->old, *new = c->d->new;
	int k, back;

	if (!user || user->change != LINES_ONLY)
		return false;
	for (k = 0; k < 3; k++)
		for (back = 0; back < sizes[k]; back++) {
			const uint8_t *o = image_bytes(old, addr - back, sizes[k]);
			const uint8_t *n = image_bytes(new, new_addr - back, sizes[k]);
			uint32_t ov = 0, nv = 0;

			if (!o || !n)
				continue;
			memcpy(&ov, o, sizes[k]);
			memcpy(&nv, n, sizes[k]);
			if (facts_line_moved(old, new, user, ov, nv))
				return true;
		}
	return false;
}

/* N bytes at FROM in NEW that no reference is in. */
static bool gap_same(struct check *c, struct object *user, uint64_t from, uint64_t n, uint64_t addr)
{
	const struct section *s = image_section_at(c->d->new, from);
	uint64_t first = 0;

	if (s && s->nobits)
		return zero_at(c, addr, n);
	while (n) {
		const uint8_t *new = image_bytes(c->d->new, from, n);

		if (new && run_same(c, new, addr, n, &first))
			return true;
		if (!new || !line_moved(c, user, from + first, addr + first)) {
			if (user)
				check_failed(c, user->name, from + first - user->addr, "its bytes differ from NEW");
			return false;
		}
		from += first + 1;
		addr += first + 1;
		n -= first + 1;
	}
	return true;
}

/* SIZE bytes at FROM in NEW against those at ADDR in the patched file. USER NULL: a literal, which is not reported. */
bool check_range(struct check *c, struct object *user, uint64_t from, uint64_t size, uint64_t addr)
{
	uint32_t n;
	const struct ref *ref = image_refs_in(c->d->new, from, from + size, &n);
	uint64_t at = from;

	for (; n; n--, ref++) {
		bool copied = takes_slot(c->d, ref);
		struct copied use;
		bool rewritten = copied && copied_use(c->d->new, ref, &use);
		uint64_t start = ref->at - (rewritten ? use.lead : 0);

		if (start > at && !gap_same(c, user, at, start - at, addr + (at - from)))
			return false;
		if (!(copied ? copied_is_right : field_is_right)(c, user, ref, addr + (ref->at - from))) {
			if (user)
				check_failed(c, user->name, ref->at - from, "a reference leads elsewhere than in NEW");
			return false;
		}
		at = ref->at + ref->size + (rewritten ? use.tail : 0);
	}
	return at >= from + size || gap_same(c, user, at, from + size - at, addr + (at - from));
}

/* Everything that is reached is compared; comparing finds more. */
static void walk(struct check *c)
{
	while (c->ntodo) {
		struct object *o = c->todo[--c->ntodo];
		uint64_t body = *body_of(c, o);

		if (check_range(c, o, o->addr, o->size, body) && o->section->exec)
			check_unwind(c, o, body);
		c->compared++;
	}
}

/* ---- nothing else ------------------------------------------------------------------------------------------------ */

static void mask(uint8_t *mask, const Elf64_Phdr *p, uint64_t addr, uint64_t n)
{
	uint64_t i;

	for (i = 0; i < n; i++)
		if (addr + i - p->p_vaddr < p->p_filesz)
			mask[addr + i - p->p_vaddr] = 1;
}

/* The file header says where the tables at the end are; with one more load segment there is one more entry behind it. */
static void mask_headers(struct check *c, uint8_t *meant, const Elf64_Phdr *p)
{
	uint64_t table = c->cold.ehdr->e_phoff, end = table + c->cold.nphdr * sizeof *p;

	if (p->p_offset)
		return;
	mask(meant, p, p->p_vaddr + offsetof(Elf64_Ehdr, e_shoff), sizeof c->cold.ehdr->e_shoff);
	mask(meant, p, p->p_vaddr + offsetof(Elf64_Ehdr, e_shnum), sizeof c->cold.ehdr->e_shnum);
	if (!c->d->mapped)
		return;
	mask(meant, p, p->p_vaddr + offsetof(Elf64_Ehdr, e_phnum), sizeof c->cold.ehdr->e_phnum);
	mask(meant, p, p->p_vaddr + table, end - table);
}

/* N bytes AT of a segment: equal but for those that the patch MEANT to write. */
static bool window_is_right(struct check *c, const Elf64_Phdr *p, const uint8_t *was, const uint8_t *is,
			    const uint8_t *meant, uint64_t at, uint64_t n)
{
	if (!memcmp(was + at, is + at, n))
		return true;
	for (; n; at++, n--)
		if (was[at] != is[at] && !meant[at]) {
			check_failed(c, "", p->p_vaddr + at, "a byte differs from OLD that no write names");
			return false;
		}
	return true;
}

/* A segment of the file and of its base, piece by piece, for nothing looks at them after this. */
static void check_segment(struct check *c, const struct view *base, const Elf64_Phdr *p)
{
	const uint8_t *was = view_at(base, p->p_vaddr, p->p_filesz), *is = view_at(&c->cold, p->p_vaddr, p->p_filesz);
	uint8_t *meant;
	uint64_t i, n;

	if (!was || !is) {
		check_failed(c, "", p->p_vaddr, "a load segment of OLD is gone");
		return;
	}
	meant = xcalloc(1, p->p_filesz + 1);
	for (i = 0; i < c->d->nwrites; i++)
		mask(meant, p, c->d->writes[i].w.addr, c->d->writes[i].w.size);
	mask(meant, p, c->d->old->registry, sizeof(struct hp_registry));
	mask_headers(c, meant, p);
	for (i = 0; i < p->p_filesz; i += n) {
		n = p->p_filesz - i < WINDOW ? p->p_filesz - i : WINDOW;
		if (!window_is_right(c, p, was, is, meant, i, n))
			break;
		pages_forget(was + i, n);
		pages_forget(is + i, n);
	}
	free(meant);
}

/* Bytes of a load segment behind the reserve: they must be loaded still. */
static uint64_t behind_reserve(const struct check *c, const struct view *base)
{
	uint64_t end = c->d->old->reserve_end;

	for (uint32_t i = 0; i < base->nphdr; i++) {
		const Elf64_Phdr *p = &base->phdr[i];

		if (p->p_type == PT_LOAD && p->p_vaddr < end && p->p_vaddr + p->p_memsz > end)
			return p->p_vaddr + p->p_memsz - end;
	}
	return 0;
}

/* What a patch that is mapped adds: its own segment, and one for what stands behind the reserve. */
static bool is_added(const struct check *c, const Elf64_Phdr *p, uint64_t behind)
{
	if (!c->d->mapped || p->p_type != PT_LOAD)
		return false;
	return p->p_vaddr == c->d->segment_addr || (behind && p->p_vaddr == c->d->old->reserve_end && p->p_memsz == behind &&
						    !p->p_filesz && p->p_flags == (PF_R | PF_W));
}

/* Entry I of the base is entry I, I + 1 or I + 2 of the file, the same but for what more load segments change. */
static void check_headers(struct check *c, const struct view *base)
{
	uint32_t i, added = 0;
	uint64_t behind = behind_reserve(c, base);

	if (c->cold.nphdr != base->nphdr + (c->d->mapped ? 1 + !!behind : 0)) {
		check_failed(c, "", base->ehdr->e_phoff, "the number of program headers is wrong");
		return;
	}
	for (i = 0; i < base->nphdr; i++) {
		const Elf64_Phdr *was = &base->phdr[i], *is = &c->cold.phdr[i + added];

		while (i + added + 1 < c->cold.nphdr && is_added(c, is, behind))
			is = &c->cold.phdr[i + ++added];
		if (is->p_type != was->p_type || is->p_flags != was->p_flags || is->p_align != was->p_align ||
		    (was->p_type == PT_LOAD && (is->p_vaddr != was->p_vaddr || is->p_offset != was->p_offset ||
						is->p_filesz != was->p_filesz)) ||
		    (!c->d->mapped && memcmp(is, was, sizeof *is)))
			check_failed(c, "", base->ehdr->e_phoff + i * sizeof *was, "a program header differs from OLD");
	}
}

static void check_rest(struct check *c)
{
	struct view base;
	uint32_t i;

	if (!view_open(&base, c->d->opt.cold_base ? c->d->opt.cold_base : c->d->opt.old_path)) {
		check_headers(c, &base);
		for (i = 0; i < base.nphdr; i++)
			if (base.phdr[i].p_type == PT_LOAD)
				check_segment(c, &base, &base.phdr[i]);
	} else {
		check_failed(c, "", 0, "the base can't be read again");
	}
	view_close(&base);
}

/* ---- the stage --------------------------------------------------------------------------------------------------- */

static void find_boot(struct check *c)
{
	const struct hp_registry *r = (const void *)view_at(&c->cold, c->d->old->registry, sizeof *r);
	const uint8_t *boot;

	if (!r || r->magic != HP_REGISTRY_MAGIC || r->state != HP_ACTIVE || r->cold != 1) {
		check_failed(c, "", c->d->old->registry, "the registry does not say that the patch is active");
		return;
	}
	c->hooks = r->hooks;
	if (!r->boot)
		return;
	c->boot = (const void *)view_at(&c->cold, r->boot, sizeof *c->boot);
	boot = (const uint8_t *)c->boot;
	if (!boot || c->boot->magic != HP_BOOT_MAGIC || !view_at(&c->cold, r->boot, c->boot->size)) {
		check_failed(c, "", r->boot, "there is no boot record");
		c->boot = NULL;
		return;
	}
	c->inits = (const void *)(boot + c->boot->init);
	c->rels = (const void *)(boot + c->boot->rel);
	c->binds = (const void *)(boot + c->boot->bind);
	c->copies = (const void *)(boot + c->boot->copy);
}

int verify(struct diff *d, const char *path)
{
	struct check c = { .d = d };

	if (view_open(&c.cold, path) < 0) {
		view_close(&c.cold);
		return -1;
	}
	c.body = xcalloc(d->new->nobjects + 1, sizeof *c.body);
	c.todo = xcalloc(d->new->nobjects + 1, sizeof *c.todo);
	find_boot(&c);
	find_roots(&c);
	check_values(&c);
	check_hooks(&c);
	walk(&c);
	check_tls_room(&c);
	check_rest(&c);
	free(c.body);
	free(c.todo);
	view_close(&c.cold);
	return c.failures ? -1 : 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which twins differ.
 *
 * Two functions are the same when their bytes are equal outside of the fields that hold addresses, and every such field
 * means the same thing: twins at the same offset, imports of one name, anonymous bytes of one content. Their unwind
 * entries, exception tables and cold parts belong to them. Whatever is not provably equal is changed: that costs a copy
 * of the function in the patch, never a wrong program.
 *
 * A function whose only difference is immediates that are moved values of __LINE__ is told apart (LINES_ONLY), and so is a
 * variable or constant that starts with such values.
 *
 * Left out on purpose: padding between functions; what linkers make (.dynamic, PLT, GOT, unwind tables); the plugin's
 * own sections.
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "diff.h"
#include "facts.h"

/* ---- references -------------------------------------------------------------------------------------------------- */

static bool is_readonly(const struct object *o)
{
	return o->kind == OBJECT_DATA && o->section && (!o->section->write || o->section->relro);
}

/* Constants that a compiler made (CSWTCH.3) may be numbered differently: they have no identity, only content. */
static bool constants_same(const struct diff *d, const struct ref *old, const struct ref *new)
{
	struct object *a = old->object, *b = new->object;
	uint64_t where;

	if (!is_readonly(a) || !is_readonly(b) || a->global || b->global || a->twin || b->twin)
		return false;
	if (!strncmp(a->name, "_Z", 2) || old->offset != new->offset || a->size != b->size)
		return false;
	return bytes_same(d, a, b, a->addr, b->addr, a->size, &where);
}

static bool objects_same(const struct diff *d, const struct ref *old, const struct ref *new)
{
	if (old->object->twin == new->object && old->offset == new->offset)
		return true;
	return constants_same(d, old, new);
}

static bool target_same(const struct diff *d, const struct ref *old, const struct ref *new,
			const struct object *old_owner, const struct object *new_owner)
{
	if (old->target != new->target)
		return false;
	switch (old->target) {
	case TARGET_OBJECT:
		return objects_same(d, old, new);
	case TARGET_IMPORT:
		return old->offset == new->offset && !strcmp(old->import, new->import);
	case TARGET_ANON:
		if (hp_broken("compare"))
			return true;
		if (!anon_is_constant(d->old, old->addr, old_owner) || !anon_is_constant(d->new, new->addr, new_owner))
			return nameless_twin(d, new->addr) == old->addr;
		return anon_same(d, old, new, old_owner, new_owner);
	case TARGET_ABS:
		return old->addr == new->addr;
	default:
		return true;
	}
}

static bool unknown_same(const struct diff *d, const struct ref *old, const struct ref *new)
{
	const uint8_t *p = image_bytes(d->old, old->at, old->size), *q = image_bytes(d->new, new->at, new->size);

	if (!p || !q || old->type != new->type || old->target != new->target || memcmp(p, q, old->size))
		return false;
	if (old->target == TARGET_IMPORT)
		return !strcmp(old->import, new->import);
	return old->target != TARGET_OBJECT || (old->object->twin == new->object && old->offset == new->offset);
}

static bool field_same(const struct diff *d, const struct ref *old, const struct ref *new,
		       const struct object *old_owner, const struct object *new_owner)
{
	if (old->kind != new->kind || old->size != new->size || old->tail != new->tail || old->lea != new->lea)
		return false;
	if (old->kind == REF_UNKNOWN)
		return unknown_same(d, old, new);
	return target_same(d, old, new, old_owner, new_owner);
}

bool ref_same(const struct diff *d, const struct ref *old, const struct ref *new)
{
	return field_same(d, old, new, NULL, NULL);
}

/* ---- reasons ----------------------------------------------------------------------------------------------------- */

static struct why *new_why(enum why_cause cause, uint64_t offset, struct object *other)
{
	struct why *w = xcalloc(1, sizeof *w);

	*w = (struct why){ .cause = cause, .offset = offset, .other = other };
	return w;
}

static bool differ(struct object *new, enum why_cause cause, uint64_t offset, struct object *other)
{
	new->change = CHANGED;
	if (!new->why)
		new->why = new_why(cause, offset, other);
	return false;
}

static enum why_cause target_cause(const struct image *img, const struct object *owner, const struct ref *r)
{
	uint32_t n, width;

	if (r->target != TARGET_ANON)
		return WHY_TARGET;
	return jump_table(img, r, owner, &n, &width) ? WHY_TABLE : WHY_LITERAL;
}

/* ---- functions --------------------------------------------------------------------------------------------------- */

/* Bytes and refs of twins of one size, in one pass over the fields. */
static bool code_same(struct diff *d, struct object *old, struct object *new)
{
	const uint8_t *p = image_bytes(d->old, old->addr, old->size), *q = image_bytes(d->new, new->addr, new->size);
	const struct ref *a = d->old->refs + old->first_ref, *b = d->new->refs + new->first_ref;
	uint32_t n = old->nrefs < new->nrefs ? old->nrefs : new->nrefs;
	uint64_t done = 0, size = old->size < new->size ? old->size : new->size;

	if (!p || !q)
		return p == q || differ(new, WHY_CODE, 0, NULL);
	for (uint32_t i = 0; i < n; i++) {
		uint64_t at = a[i].at - old->addr, bt = b[i].at - new->addr, upto = at < bt ? at : bt;

		if (upto > done && memcmp(p + done, q + done, upto - done))
			return differ(new, WHY_CODE, done, NULL);
		if (at != bt)
			return differ(new, WHY_CODE, upto, NULL);
		if (!field_same(d, &a[i], &b[i], old, new))
			return differ(new, target_cause(d->new, new, &b[i]), bt,
				      b[i].target == TARGET_OBJECT ? b[i].object : NULL);
		done = at + a[i].size;
	}
	if (done < size && memcmp(p + done, q + done, size - done))
		return differ(new, WHY_CODE, done, NULL);
	if (old->nrefs != new->nrefs)
		return differ(new, WHY_CODE, done, NULL);
	return old->size == new->size || differ(new, WHY_SIZE, size, NULL);
}

/* Call frame instructions but for what pads an entry (DW_CFA_nop, 0); no instruction is cut by that in both alike. */
static bool cfi_same(const uint8_t *a, uint32_t n, const uint8_t *b, uint32_t m)
{
	while (n && !a[n - 1])
		n--;
	while (m && !b[m - 1])
		m--;
	return n == m && !memcmp(a, b, n);
}

static bool cie_same(const struct diff *d, const struct cie *a, const struct cie *b)
{
	struct object *p, *q;

	if (strcmp(a->augmentation, b->augmentation) || a->code_align != b->code_align ||
	    a->data_align != b->data_align || a->ra_reg != b->ra_reg || a->signal_frame != b->signal_frame ||
	    !cfi_same(a->insns, a->ninsns, b->insns, b->ninsns))
		return false;
	if (!a->personality || !b->personality)
		return a->personality == b->personality;
	p = image_object_at(d->old, a->personality);
	q = image_object_at(d->new, b->personality);
	return p || q ? p && p->twin == q : true;       /* a nameless slot: GOT or PLT, of the one personality there is */
}

static bool fde_same(struct diff *d, struct object *old, struct object *new)
{
	const struct fde *a = old->fde, *b = new->fde;
	uint64_t n, where;

	if (!a || !b)
		return a == b || differ(new, WHY_UNWIND, 0, NULL);
	n = a->lsda_end - a->lsda;
	if (!cfi_same(a->insns, a->ninsns, b->insns, b->ninsns) || !cie_same(d, a->cie, b->cie) ||
	    !a->lsda != !b->lsda || n != b->lsda_end - b->lsda)
		return differ(new, WHY_UNWIND, 0, NULL);
	return !a->lsda || bytes_same(d, old, new, a->lsda, b->lsda, n, &where) || differ(new, WHY_UNWIND, 0, NULL);
}

static bool lines_only(struct diff *d, struct disasm **dis, struct object *old, struct object *new);

static enum object_change function_change(struct diff *d, struct disasm **dis, struct object *old, struct object *new)
{
	if (code_same(d, old, new)) {
		fde_same(d, old, new);
		return new->change;
	}
	if (new->why->cause != WHY_CODE || old->size != new->size || old->nrefs != new->nrefs)
		return CHANGED;
	return lines_only(d, dis, old, new) ? LINES_ONLY : CHANGED;
}

/* ---- moved lines ------------------------------------------------------------------------------------------------- */

/* Immediates of TEXT. Its copy in SKELETON has a '$' alone for each. Returns their number, at most MAX_IMMS. */
#define MAX_IMMS 4

static unsigned immediates(const char *text, char *skeleton, uint64_t *imms)
{
	unsigned n = 0;

	while (*text) {
		*skeleton++ = *text;
		if (*text++ != '$' || n == MAX_IMMS)
			continue;
		imms[n++] = strtoull(text, (char **)&text, 0);
	}
	*skeleton = 0;
	return n;
}

#define MAX_TEXT 160

/* Two instructions that differ in one immediate and nothing else: its index, else -1. */
static int differing_immediate(const char *old_text, const char *new_text, uint64_t *oldv, uint64_t *newv)
{
	char a[MAX_TEXT], b[MAX_TEXT];
	uint64_t x[MAX_IMMS], y[MAX_IMMS];
	unsigned n = immediates(old_text, a, x);
	int at = -1;

	if (n != immediates(new_text, b, y) || strcmp(a, b))
		return -1;
	for (unsigned i = 0; i < n; i++)
		if (x[i] != y[i])
			at = at < 0 ? (int)i : MAX_IMMS;
	if (at < 0 || at == MAX_IMMS)
		return -1;
	*oldv = x[at];
	*newv = y[at];
	return at;
}

bool line_texts_differ(const struct object *old, const struct object *new, const char *old_text, const char *new_text)
{
	uint64_t x, y;

	return differing_immediate(old_text, new_text, &x, &y) >= 0 && facts_line_moved(old->image, new->image, new, x, y);
}

/* Without facts: the immediate is the line that the instruction is attributed to, in both. */
static bool is_moved_line(const struct diff *d, const struct object *new, uint64_t old_at, uint64_t new_at,
			  const char *old_text, const char *new_text)
{
	uint64_t x, y;

	if (differing_immediate(old_text, new_text, &x, &y) < 0)
		return false;
	if (d->old->facts_size && d->new->facts_size)
		return facts_line_moved(d->old, d->new, new, x, y);
	return x && x == image_line_at(d->old, old_at) && y == image_line_at(d->new, new_at);
}

static bool has_ref(const struct image *img, const struct object *o, uint64_t lo, uint64_t hi, uint32_t *next)
{
	while (*next < o->nrefs && img->refs[o->first_ref + *next].at < lo)
		++*next;
	return *next < o->nrefs && img->refs[o->first_ref + *next].at < hi;
}

/* Two instructions of N bytes with a reference: the same but for an immediate behind it, as in `movl $LINE,last(%rip)`. */
static bool is_moved_line_behind(struct diff *d, const struct object *old, const struct object *new, uint64_t old_at,
				 uint64_t new_at, uint64_t n)
{
	uint32_t count, words[2] = { 0, 0 };
	const struct ref *ref = image_refs_in(d->new, new_at, new_at + n, &count);
	uint64_t size = count == 1 ? ref->tail : 0, ignored;

	if (!size || size > 4 || !bytes_same(d, old, new, old_at, new_at, n - size, &ignored))
		return false;
	memcpy(&words[0], image_bytes(d->old, old_at + n - size, size), size);
	memcpy(&words[1], image_bytes(d->new, new_at + n - size, size), size);
	return facts_line_moved(d->old, d->new, new, words[0], words[1]);
}

/* Both functions in step, instruction by instruction. */
static bool lines_only_in(struct diff *d, struct disasm **dis, struct object *old, struct object *new)
{
	const uint8_t *p = image_bytes(d->old, old->addr, old->size), *q = image_bytes(d->new, new->addr, new->size);
	char a[MAX_TEXT], b[MAX_TEXT];
	uint32_t next = 0;
	uint64_t ignored;

	for (uint64_t i = 0; p && q && i < old->size; ) {
		uint64_t at = old->addr + i, bt = new->addr + i;
		int n = disasm_insn(dis[0], at, p + i, old->size - i, a, sizeof a, &ignored);
		int m = disasm_insn(dis[1], bt, q + i, new->size - i, b, sizeof b, &ignored);

		if (n <= 0 || n != m)
			return false;
		if (has_ref(d->old, old, at, at + n, &next)) {
			if (!bytes_same(d, old, new, at, bt, n, &ignored) && !is_moved_line_behind(d, old, new, at, bt, n))
				return false;
		} else if (memcmp(p + i, q + i, n) && !is_moved_line(d, new, at, bt, a, b)) {
			return false;
		}
		i += n;
	}
	return p && q;
}

static bool lines_only(struct diff *d, struct disasm **dis, struct object *old, struct object *new)
{
	const struct ref *a = d->old->refs + old->first_ref, *b = d->new->refs + new->first_ref;

	for (uint32_t i = 0; i < old->nrefs; i++)
		if (a[i].at - old->addr != b[i].at - new->addr)
			return false;
	if (!dis[0]) {
		dis[0] = disasm_open(d->old);
		dis[1] = disasm_open(d->new);
	}
	if (!lines_only_in(d, dis, old, new))
		return false;
	new->change = SAME;
	fde_same(d, old, new);
	return new->change == SAME;
}

/* ---- data -------------------------------------------------------------------------------------------------------- */

static bool is_zero(const struct object *o)
{
	const uint8_t *p = o->section->nobits ? NULL : image_bytes(o->image, o->addr, o->size);

	for (uint64_t i = 0; p && i < o->size; i++)
		if (p[i])
			return false;
	return true;
}

/* Twins of one size, of which not all bytes are the same: is each difference a word that holds a moved line? */
static bool data_lines_only(struct diff *d, const struct object *old, const struct object *new)
{
	const uint8_t *p = image_bytes(d->old, old->addr, old->size), *q = image_bytes(d->new, new->addr, new->size);
	uint64_t done = 0, where;
	uint32_t words[2], n;

	while (p && q && !bytes_same(d, old, new, old->addr + done, new->addr + done, old->size - done, &where)) {
		done = (done + where) & -4ull;
		if (done + 4 > old->size)
			return false;
		image_refs_in(d->new, new->addr + done, new->addr + done + 4, &n);
		memcpy(&words[0], p + done, 4);
		memcpy(&words[1], q + done, 4);
		if (n || words[0] == words[1] || !facts_line_moved(d->old, d->new, new, words[0], words[1]))
			return false;
		done += 4;
	}
	return p && q;
}

static void compare_data(struct diff *d, struct object *old, struct object *new)
{
	uint64_t where = 0;

	if (old->size != new->size)
		differ(new, WHY_SIZE, old->size < new->size ? old->size : new->size, NULL);
	else if (is_writable(old) != is_writable(new) || (new->misplaced && new->kind == OBJECT_DATA && !is_writable(new)))
		differ(new, WHY_DATA, 0, NULL);
	else if (old->section->nobits || new->section->nobits)
		(void)((is_zero(old) && is_zero(new) && old->nrefs == new->nrefs) || differ(new, WHY_DATA, 0, NULL));
	else if (bytes_same(d, old, new, old->addr, new->addr, old->size, &where))
		;
	else if (data_lines_only(d, old, new))
		new->change = LINES_ONLY;
	else
		differ(new, WHY_DATA, where, NULL);
}

/* ---- everything -------------------------------------------------------------------------------------------------- */

bool is_made_section(const struct section *s)
{
	static const char *const names[] = {
		".dynamic", ".got", ".got.plt", ".eh_frame", ".eh_frame_hdr", ".gcc_except_table", ".init_array",
		".fini_array", ".preinit_array", ".init", ".fini", ".plt", ".plt.got", ".plt.sec", ".interp",
		".gnu.hash", ".hash", ".dynsym", ".dynstr", ".tm_clone_table", "hp_arena", "hp_reserve", "hp_registry",
		"hp_stub", "__libc_freeres_fn",
	};

	if (!strncmp(s->name, ".note", 5) || !strncmp(s->name, ".hp.", 4) || !strncmp(s->name, ".rela", 5))
		return true;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(s->name, names[i]))
			return true;
	return false;
}

static bool is_plugins(const char *name)
{
	return name[0] == '_' && name[1] == '_' && name[2] == 'h' && name[3] == 'p' && name[4] == '_';
}

/* A program may have a note of its own, and read it. */
static bool is_made_object(const struct object *o, const bool *made)
{
	return !o->section || is_plugins(o->name) ||
	       (made[o->section - o->image->sections] && strncmp(o->section->name, ".note", 5));
}

static void compare_object(struct diff *d, struct disasm **dis, struct object *new)
{
	struct object *old = new->twin;

	if (!old) {
		new->change = ADDED;
		new->why = new_why(WHY_NEW, 0, NULL);
	} else if (new->kind == OBJECT_FUNC || new->kind == OBJECT_IFUNC) {
		if (old->kind != new->kind)
			differ(new, WHY_CODE, 0, NULL);
		else
			new->change = function_change(d, dis, old, new);
	} else {
		compare_data(d, old, new);
	}
}

static void take_over(struct object *to, struct object *from)
{
	to->change = CHANGED;
	if (!to->why)
		to->why = new_why(from->why ? from->why->cause : WHY_CODE, from->why ? from->why->offset : 0, from);
}

/* A function and its cold part are one: the worse of both holds for both. */
static void join_cold_parts(struct object *hot)
{
	struct object *cold = hot->cold;

	if (!hot->twin)
		return;
	if (!cold) {
		if (hot->twin->cold)
			differ(hot, WHY_SIZE, hot->size, NULL);
	} else if (cold->change == ADDED || (cold->change == CHANGED && hot->change != CHANGED)) {
		cold->change = CHANGED;
		take_over(hot, cold);
	} else if (hot->change == CHANGED && cold->change != CHANGED) {
		take_over(cold, hot);
	} else if (hot->change == LINES_ONLY || cold->change == LINES_ONLY) {
		hot->change = cold->change = hot->change == CHANGED ? CHANGED : LINES_ONLY;
	}
}

static void mark_removed(struct image *old)
{
	for (uint32_t i = 0; i < old->nobjects; i++)
		if (!old->objects[i].twin && old->objects[i].kind != OBJECT_LABEL)
			old->objects[i].change = REMOVED;
}

void compare(struct diff *d)
{
	struct image *new = d->new;
	struct disasm *dis[2] = { NULL, NULL };
	bool *made = xcalloc(new->nsections + 1, sizeof *made);

	for (uint32_t i = 0; i < new->nsections; i++)
		made[i] = is_made_section(&new->sections[i]);
	for (uint32_t i = 0; i < new->nobjects; i++) {
		struct object *o = &new->objects[i];

		if (o->kind != OBJECT_LABEL && !is_made_object(o, made))
			compare_object(d, dis, o);
	}
	for (uint32_t i = 0; i < new->nobjects; i++)
		if (new->objects[i].cold)
			join_cold_parts(&new->objects[i]);
		else if (new->objects[i].twin && new->objects[i].twin->cold)
			differ(&new->objects[i], WHY_SIZE, new->objects[i].size, NULL);
	mark_removed(d->old);
	if (dis[0]) {
		disasm_close(dis[0]);
		disasm_close(dis[1]);
	}
	free(made);
}

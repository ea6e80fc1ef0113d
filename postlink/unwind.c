/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Unwinding through new code: exceptions, pthread_cancel(), backtrace().
 *
 * Unwinders find the entry for an address by a binary search in .eh_frame_hdr: pairs (function, FDE), both 4 bytes, as
 * distances from the header, ascending. The table can't grow, so the plugin laid dummy entries over the arena, one per
 * chunk. Here the pairs of the chunks that the patch covers are given to its functions:
 *
 *   old   (arena, dummy) (arena+200, dummy) (arena+400, dummy) ...
 *   new   (arena, fde f) (arena+40, fde g)  (arena+40, fde g)  ...     f at arena, g at arena+40, 0x450 bytes used
 *
 * A pair to spare repeats the last one: the search may then end at either, both are right. Every pair whose old start
 * lies in the used part has to go, or it would hide a function below it. Pairs are written from high to low; while that
 * goes on the arena's pairs may be out of order among themselves, which only matters to a search for an address in the
 * arena, where nobody is yet.
 *
 * A mapped image stands above all code of OLD, and so do its pairs, which are the table's last ones: those of the arena are
 * taken out of the table, and what stands behind them moves down. Pairs to spare are in front of the new ones, and name the
 * address where the room for mapped images begins, so that a patch that follows below this one can have them (after.c). If
 * there are too few, the pairs of old functions that are replaced go, too; such a patch is for processes that start.
 *
 * Who reads .eh_frame itself, as valgrind does, would still find the dummies of those chunks, each for one byte in the
 * middle of a new function. They are made to stand for the arena's last byte.
 *
 * Where there are more functions than pairs, neighbours without an exception table share an entry, whose instructions go
 * back to the rules of an entry between one function and the next.
 *
 * CIEs and FDEs are made anew in one encoding (distances of 4 bytes; DW_EH_PE_pcrel | DW_EH_PE_sdata4, for the
 * personality routine with DW_EH_PE_indirect where NEW had it). Call frame instructions are copied; exception tables are
 * constants like others (place.c).
 *
 * The same once more as .debug_frame, for the coldpatch: debuggers read sections of the file, not what is in the arena.
 *
 * A static program has an .eh_frame_hdr only when it was linked with --eh-frame-hdr. Without, new code can't be unwound;
 * where an exception may want to pass, that is a refusal.
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>

#include "cfi.h"
#include "layout.h"

#define PCREL_SDATA4 0x1b
#define INDIRECT 0x80
#define OMIT 0xff
#define SHARE_MAX 64                    /* functions to an entry: its instructions are gone through from the first one on */

/* ---- what is needed ---------------------------------------------------------------------------------------------- */

static const struct fde *piece_fde(const struct piece *p)
{
	return p->kind == PIECE_OBJECT && p->item.code ? p->item.object->fde : NULL;
}

static bool has_personality(const struct cie *cie)
{
	return cie->personality_enc != OMIT && cie->personality;
}

static void need_personality(struct layout *l, const struct cie *cie)
{
	struct object *slot;

	if (!has_personality(cie))
		return;
	if (!(cie->personality_enc & INDIRECT)) {
		need_code_address(l, cie->personality);
		return;
	}
	slot = image_object_at(l->d->new, cie->personality);
	if (slot) {
		need_object(l, slot);
		return;
	}
	refuse_add(l->d, CAUSE_REF_UNKNOWN, "", "the personality routine's slot has no symbol");
	l->failed = true;
}

static void need_lsda(struct layout *l, const struct fde *fde)
{
	struct piece *p;

	need_anon(l, fde->lsda, fde->lsda_end - fde->lsda, fde->addr);
	p = piece_at(l, fde->lsda);
	if (p && !p->types)
		p->types = lsda_takes_slots(l->d->new, fde);
}

void need_unwind(struct layout *l)
{
	uint32_t i, n = l->npieces;

	for (i = 0; i < n; i++) {
		const struct fde *fde = piece_fde(l->pieces[i]);

		if (!fde)
			continue;
		need_personality(l, fde->cie);
		if (fde->lsda)
			need_lsda(l, fde);
	}
}

/* ---- building ---------------------------------------------------------------------------------------------------- */

/* Bytes go to OUT when there is one and are only counted when there is none. */
struct writer { uint8_t *out; uint64_t n; };

static void put(struct writer *w, const void *bytes, uint64_t n)
{
	if (w->out && n)
		memcpy(w->out + w->n, bytes, n);
	w->n += n;
}

static void put_byte(struct writer *w, uint8_t byte)
{
	put(w, &byte, 1);
}

static void put_word(struct writer *w, uint32_t word)
{
	put(w, &word, 4);
}

static void put_uleb(struct writer *w, uint64_t n)
{
	for (; n > 0x7f; n >>= 7)
		put_byte(w, n | 0x80);
	put_byte(w, n);
}

static void put_sleb(struct writer *w, int64_t n)
{
	for (; n < -64 || n > 63; n >>= 7)
		put_byte(w, n | 0x80);
	put_byte(w, n & 0x7f);
}

/* Pads the entry that starts at START with DW_CFA_nop to a multiple of 8 and sets its length. */
static void put_end(struct writer *w, uint64_t start)
{
	uint32_t length;

	while (w->n % 8)
		put_byte(w, 0);
	length = w->n - start - 4;
	if (w->out)
		memcpy(w->out + start, &length, 4);
}

struct builder {
	struct layout *l;
	struct writer w;
	bool debug;                     /* the form of .debug_frame: no augmentation, plain addresses */
	uint64_t base;                  /* address of the first byte */
	struct { const struct cie *cie; uint64_t at; } *cies;
	uint32_t ncies;
};

static uint64_t personality_address(struct layout *l, const struct cie *cie)
{
	uint64_t addr = 0;
	bool known;

	if (cie->personality_enc & INDIRECT) {
		const struct object *slot = image_object_at(l->d->new, cie->personality);

		known = slot && object_address(l, slot, cie->personality - slot->addr, false, &addr);
	} else {
		known = code_address(l, cie->personality, &addr);
	}
	if (!known) {
		refuse_add(l->d, CAUSE_REF_UNKNOWN, "", "the personality routine is not known in OLD");
		l->failed = true;
	}
	return addr;
}

static void put_augmentation(struct writer *w, const struct cie *cie)
{
	put_byte(w, 'z');
	if (has_personality(cie))
		put_byte(w, 'P');
	if (cie->lsda_enc != OMIT)
		put_byte(w, 'L');
	put_byte(w, 'R');
	if (cie->signal_frame)
		put_byte(w, 'S');
}

static void put_augmentation_data(struct builder *b, const struct cie *cie)
{
	struct writer *w = &b->w;
	bool lsda = cie->lsda_enc != OMIT, personality = has_personality(cie);

	put_uleb(w, 1 + (personality ? 5 : 0) + (lsda ? 1 : 0));
	if (personality) {
		put_byte(w, PCREL_SDATA4 | (cie->personality_enc & INDIRECT));
		put_word(w, w->out ? personality_address(b->l, cie) - (b->base + w->n) : 0);
	}
	if (lsda)
		put_byte(w, PCREL_SDATA4);
	put_byte(w, PCREL_SDATA4);
}

static uint64_t put_cie(struct builder *b, const struct cie *cie)
{
	struct writer *w = &b->w;
	uint64_t start = w->n;

	put_word(w, 0);
	put_word(w, b->debug ? 0xffffffff : 0);
	put_byte(w, 1);
	if (!b->debug)
		put_augmentation(w, cie);
	put_byte(w, 0);
	put_uleb(w, cie->code_align);
	put_sleb(w, cie->data_align);
	put_byte(w, cie->ra_reg);
	if (!b->debug)
		put_augmentation_data(b, cie);
	put(w, cie->insns, cie->ninsns);
	put_end(w, start);
	return start;
}

static bool cie_same(const struct cie *a, const struct cie *b)
{
	return a == b || (a->code_align == b->code_align && a->data_align == b->data_align && a->ra_reg == b->ra_reg &&
			  a->signal_frame == b->signal_frame && (a->lsda_enc == OMIT) == (b->lsda_enc == OMIT) &&
			  has_personality(a) == has_personality(b) && a->personality == b->personality &&
			  (a->personality_enc & INDIRECT) == (b->personality_enc & INDIRECT) &&
			  a->ninsns == b->ninsns && !memcmp(a->insns, b->insns, a->ninsns));
}

static uint64_t cie_at(struct builder *b, const struct cie *cie)
{
	uint32_t i;

	for (i = 0; i < b->ncies; i++)
		if (cie_same(b->cies[i].cie, cie))
			return b->cies[i].at;
	b->cies = xrealloc(b->cies, (b->ncies + 1) * sizeof *b->cies);
	b->cies[i].cie = cie;
	b->cies[i].at = put_cie(b, cie);
	b->ncies++;
	return b->cies[i].at;
}

static void put_fde(struct builder *b, const struct piece *p, const struct fde *fde)
{
	struct writer *w = &b->w;
	uint64_t cie = cie_at(b, fde->cie), start = w->n;
	struct piece *lsda = fde->lsda ? piece_at(b->l, fde->lsda) : NULL;
	bool has_lsda = fde->cie->lsda_enc != OMIT;

	put_word(w, 0);
	put_word(w, start + 4 - cie);
	put_word(w, p->item.addr - (b->base + w->n));
	put_word(w, fde->range);
	put_uleb(w, has_lsda ? 4 : 0);
	if (has_lsda)
		put_word(w, lsda ? lsda->item.addr - (b->base + w->n) : 0);
	put(w, fde->insns, fde->ninsns);
	put_end(w, start);
	if (w->out)
		b->l->fdes[b->l->nfdes++] = (struct placed_fde){ p->item.addr, b->base + start };
}

/* ---- functions that share an entry ------------------------------------------------------------------------------- */

static bool can_share(const struct piece *p)
{
	const struct fde *fde = piece_fde(p);
	struct cfi_changes changes;

	return fde && !fde->lsda && !fde->cie->signal_frame && fde->cie->code_align == 1 &&
	       cfi_changes(fde->cie->insns, fde->cie->ninsns, &changes) && !changes.place &&
	       cfi_changes(fde->insns, fde->ninsns, &changes);
}

/* The first piece behind those that share an entry with piece I. */
static uint32_t share_end(const struct layout *l, uint32_t i)
{
	const struct piece *p = l->pieces[i];
	uint32_t n = i + 1;

	if (l->share == 1 || !can_share(p))
		return n;
	while (n < l->npieces && n - i < l->share && can_share(l->pieces[n]) &&
	       cie_same(piece_fde(p)->cie, piece_fde(l->pieces[n])->cie))
		n++;
	return n;
}

/* From the end of the function at BEFORE to the start of the one at ADDR, and to the rules that hold there. */
static void put_next(struct writer *w, uint64_t before, const struct fde *fde, uint64_t addr)
{
	struct cfi_changes changes;
	unsigned i;

	cfi_changes(fde->insns, fde->ninsns, &changes);
	put_byte(w, CFI_ADVANCE4);
	put_word(w, addr - before - changes.place);
	for (i = 0; i < CFI_REGISTERS; i++)
		if (changes.registers >> i & 1) {
			put_byte(w, CFI_RESTORE_EXTENDED);
			put_uleb(w, i);
		}
	if (changes.args) {
		put_byte(w, CFI_ARGS_SIZE);
		put_uleb(w, 0);
	}
	put(w, fde->cie->insns, fde->cie->ninsns);
}

static void put_shared(struct builder *b, uint32_t i, uint32_t end)
{
	struct writer *w = &b->w;
	struct piece **p = b->l->pieces;
	const struct piece *last = p[end - 1];
	uint64_t cie = cie_at(b, piece_fde(p[i])->cie), start = w->n, first = p[i]->item.addr;

	put_word(w, 0);
	put_word(w, start + 4 - cie);
	put_word(w, first - (b->base + w->n));
	put_word(w, last->item.addr + piece_fde(last)->range - first);
	put_uleb(w, piece_fde(p[i])->cie->lsda_enc != OMIT ? 4 : 0);
	if (piece_fde(p[i])->cie->lsda_enc != OMIT)
		put_word(w, 0);
	put(w, piece_fde(p[i])->insns, piece_fde(p[i])->ninsns);
	while (++i < end) {
		put_next(w, p[i - 1]->item.addr, piece_fde(p[i - 1]), p[i]->item.addr);
		put(w, piece_fde(p[i])->insns, piece_fde(p[i])->ninsns);
	}
	put_end(w, start);
	if (w->out)
		b->l->fdes[b->l->nfdes++] = (struct placed_fde){ first, b->base + start };
}

/* ---- the tables -------------------------------------------------------------------------------------------------- */

static void put_debug_fde(struct builder *b, const struct piece *p, const struct fde *fde)
{
	struct writer *w = &b->w;
	uint64_t cie = cie_at(b, fde->cie), start = w->n;

	put_word(w, 0);
	put_word(w, cie);
	put(w, &p->item.addr, 8);
	put(w, &fde->range, 8);
	put(w, fde->insns, fde->ninsns);
	put_end(w, start);
}

/* Size of the tables; they are written when OUT is not NULL. */
static uint64_t build(struct layout *l, uint8_t *out, bool debug)
{
	struct builder b = { .l = l, .w = { out, 0 }, .debug = debug, .base = out ? l->unwind->item.addr : 0 };
	uint32_t i, next;

	if (!debug)
		l->nfdes = 0;
	for (i = 0; i < l->npieces; i = next) {
		const struct fde *fde = piece_fde(l->pieces[i]);

		next = debug ? i + 1 : share_end(l, i);
		if (next > i + 1)
			put_shared(&b, i, next);
		else if (fde)
			(debug ? put_debug_fde : put_fde)(&b, l->pieces[i], fde);
	}
	free(b.cies);
	return b.w.n;
}

void unwind_piece(struct layout *l)
{
	uint64_t size;

	l->share = 1;
	size = build(l, NULL, false);
	if (!size)
		return;
	l->unwind = piece_new(l, PIECE_UNWIND, 0, size);
	l->unwind->align = 8;
	l->unwind->item.name = xstrdup(".eh_frame");
}

void unwind_fill(struct layout *l)
{
	l->fdes = xrealloc(l->fdes, l->npieces * sizeof *l->fdes);
	l->unwind->item.bytes = xcalloc(1, l->unwind->item.size);
	if (build(l, l->unwind->item.bytes, false) != l->unwind->item.size)
		abort();
	free(l->d->debug_frame);
	l->d->debug_frame_size = build(l, NULL, true);
	l->d->debug_frame = xcalloc(1, l->d->debug_frame_size);
	build(l, l->d->debug_frame, true);
}

/* ---- the table of pairs ------------------------------------------------------------------------------------------ */

#define PAIRS(hdr) ((hdr) + 12)

static uint64_t pair_start(uint64_t hdr, const uint8_t *pairs, uint32_t i)
{
	int32_t distance;

	memcpy(&distance, pairs + 8ull * i, 4);
	return hdr + distance;
}

/* The spare pairs of the arena from address FROM on: FIRST ... FIRST + the result. */
static uint32_t spare_pairs(const struct image *old, uint64_t from, const uint8_t *pairs, uint32_t *first)
{
	uint32_t i, n = 0;

	for (i = 0; i < old->eh_count; i++) {
		uint64_t start = pair_start(old->eh_frame_hdr, pairs, i);

		if (start < from || start >= old->arena_end)
			continue;
		if (!n++)
			*first = i;
	}
	return n;
}

static const uint8_t *table_of(const struct image *old)
{
	const uint8_t *hdr;

	if (!old->eh_frame_hdr)
		return NULL;
	hdr = image_bytes(old, old->eh_frame_hdr, 12 + 8ull * old->eh_count);
	return hdr && !memcmp(hdr, "\x01\x1b\x03\x3b", 4) ? hdr : NULL;
}

static uint32_t count_entries(const struct layout *l)
{
	uint32_t i, n = 0;

	for (i = 0; i < l->npieces; i = share_end(l, i))
		n += piece_fde(l->pieces[i]) != NULL;
	return n;
}

void unwind_plan(struct layout *l)
{
	const uint8_t *hdr = table_of(l->d->old);
	uint32_t first, spare;

	if (!l->unwind || !hdr)
		return;
	spare = spare_pairs(l->d->old, l->d->mapped ? after_pairs_from(l->d) : l->image, PAIRS(hdr), &first);
	if (l->d->mapped)
		spare -= spare < after_tail(l->d) ? spare : after_tail(l->d);
	while (l->share < SHARE_MAX && count_entries(l) > spare)
		l->share *= 2;
	l->unwind->item.size = build(l, NULL, false);
}

static void write_pair(struct layout *l, uint32_t i, const uint8_t *old, const struct placed_fde *fde)
{
	uint64_t hdr = l->d->old->eh_frame_hdr;
	int32_t pair[2] = { fde->func - hdr, fde->fde - hdr };

	if (memcmp(old, pair, 8) && !hp_broken("unwind"))
		add_write(l->d, HP_UNWIND, PAIRS(hdr) + 8ull * i, 8, old, (const uint8_t *)pair);
}

static void refuse_slots(struct layout *l, uint32_t have)
{
	refuse_add(l->d, CAUSE_UNWIND, "", "%u unwind entries, %u spare slots", l->nfdes, have);
	l->failed = true;
}

/* Start and range of a dummy, in .eh_frame: 8 bytes behind its length and its CIE. */
static void retire_dummy(struct layout *l, const struct fde *dummy)
{
	uint64_t at = dummy->at + 8;
	const uint8_t *old = image_bytes(l->d->old, at, 8);
	int32_t fields[2] = { l->d->old->arena_end - 1 - at, 1 };

	if (old && dummy->cie->fde_enc == PCREL_SDATA4)
		add_write(l->d, HP_UNWIND, at, 8, old, (const uint8_t *)fields);
}

static void retire_dummies(struct layout *l)
{
	const struct image *old = l->d->old;
	uint32_t i;

	for (i = 0; i < old->nfdes; i++)
		if (old->fdes[i].addr >= l->image && old->fdes[i].addr < l->image_at)
			retire_dummy(l, &old->fdes[i]);
}

/* The functions stand in the arena, and so do their pairs. */
static void arena_pairs(struct layout *l, const uint8_t *pairs)
{
	uint32_t first = 0, used = 0, spare = spare_pairs(l->d->old, l->image, pairs, &first), i;

	while (used < spare && pair_start(l->d->old->eh_frame_hdr, pairs, first + used) < l->image_at)
		used++;
	if (used < l->nfdes)
		used = l->nfdes;
	if (used > spare) {
		refuse_slots(l, spare);
		return;
	}
	for (i = used; i-- > 0; )
		write_pair(l, first + i, pairs + 8ull * (first + i), &l->fdes[i < l->nfdes ? i : l->nfdes - 1]);
}

/* A function of C++, or with a cleanup. O NULL: it has no name. */
static bool may_be_thrown_through(const struct fde *fde, const struct object *o)
{
	return has_personality(fde->cie) || (o && !strncmp(o->name, "_Z", 2));
}

/* ---- a mapped image ---------------------------------------------------------------------------------------------- */

static int compare_fdes(const void *a, const void *b)
{
	const struct placed_fde *x = a, *y = b;

	return x->func < y->func ? -1 : x->func > y->func;
}

/* Old functions, and their cold parts, whose entry jumps away: nobody is in them where the patch is there at startup. */
static struct placed_fde *dead_functions(struct layout *l, uint32_t *n)
{
	const struct diff *d = l->d;
	struct placed_fde *dead = xcalloc(2 * d->npicked + 1, sizeof *dead);
	uint32_t i;

	for (i = 0, *n = 0; i < d->npicked; i++) {
		const struct object *old = d->picked[i]->redirected ? d->picked[i]->twin : NULL;

		if (!old)
			continue;
		dead[(*n)++].func = old->addr;
		if (old->cold)
			dead[(*n)++].func = old->cold->addr;
	}
	qsort(dead, *n, sizeof *dead, compare_fdes);
	return dead;
}

/* All pairs but those of arena chunks, which serve nobody, and the new ones, ascending; DROP: without old code that was
 * replaced. */
static struct placed_fde *mapped_table(struct layout *l, const uint8_t *pairs, bool drop, uint32_t *n)
{
	const struct image *old = l->d->old;
	struct placed_fde *table = xcalloc(old->eh_count + l->nfdes + 1, sizeof *table), *dead;
	uint64_t from = after_pairs_from(l->d);
	uint32_t ndead, i;

	dead = dead_functions(l, &ndead);
	for (i = 0, *n = 0; i < old->eh_count; i++) {
		struct placed_fde fde = { .func = pair_start(old->eh_frame_hdr, pairs, i) };

		if ((fde.func >= from && fde.func < old->arena_end) ||
		    (drop && bsearch(&fde, dead, ndead, sizeof *dead, compare_fdes)))
			continue;
		fde.fde = pair_start(old->eh_frame_hdr, pairs + 4, i);
		table[(*n)++] = fde;
	}
	memcpy(table + *n, l->fdes, l->nfdes * sizeof *table);
	*n += l->nfdes;
	qsort(table, *n, sizeof *table, compare_fdes);
	free(dead);
	return table;
}

/*
 * While pairs are written from low to high, a search for an address below the arena is right at any time: all that changes
 * is above it, before and after. One for an address between arena and image goes astray when its thread is held up in the
 * middle, for such pairs move. Is there nobody who would mind?
 */
static bool can_be_written_live(const struct layout *l, const uint8_t *pairs)
{
	const struct image *old = l->d->old;
	uint32_t i;

	for (i = 0; i < old->nfdes; i++)
		if (old->fdes[i].addr >= old->arena_end &&
		    may_be_thrown_through(&old->fdes[i], image_object_at(old, old->fdes[i].addr)))
			return false;
	return !old->eh_count || pair_start(old->eh_frame_hdr, pairs, old->eh_count - 1) < l->image;
}

/* The pairs of earlier mapped patches, as they are: where none is, nobody looks for what they name. */
static void tail_pairs(struct layout *l, const uint8_t *pairs, uint32_t tail)
{
	uint64_t at = PAIRS(l->d->old->eh_frame_hdr);
	uint32_t i;

	for (i = l->d->old->eh_count - tail; i < l->d->old->eh_count; i++)
		add_write(l->d, HP_UNWIND, at + 8ull * i, 8, pairs + 8ull * i, after_pair(l->d, at + 8ull * i));
}

/* N pairs in TABLE, those to spare, TAIL pairs of earlier patches. */
static void write_mapped(struct layout *l, const uint8_t *pairs, const struct placed_fde *table, uint32_t n, uint32_t tail)
{
	uint32_t i, below = 0, spare = l->d->old->eh_count - n - tail;
	struct placed_fde none = { .func = l->data_end };

	while (table[below].func < l->image)
		below++;
	none.fde = table[below].fde;
	for (i = 0; i < n + spare; i++)
		write_pair(l, i, pairs + 8ull * i, i < below ? &table[i] : i < below + spare ? &none : &table[i - spare]);
	tail_pairs(l, pairs, tail);
}

static void mapped_pairs(struct layout *l, const uint8_t *pairs)
{
	uint32_t count = l->d->old->eh_count, tail = after_tail(l->d), n;
	struct placed_fde *table = mapped_table(l, pairs, false, &n);

	l->d->drops = n + tail > count || !can_be_written_live(l, pairs);
	if (n + tail > count) {
		free(table);
		table = mapped_table(l, pairs, true, &n);
		tail = 0;
	}
	if (n > count)
		refuse_slots(l, l->nfdes - (n - count));
	else
		write_mapped(l, pairs, table, n, tail);
	free(table);
}

static void refuse_without_table(struct layout *l)
{
	uint32_t i;

	for (i = 0; i < l->npieces; i++)
		if (piece_fde(l->pieces[i]) && may_be_thrown_through(piece_fde(l->pieces[i]), l->pieces[i]->item.object))
			break;
	if (i == l->npieces)
		return;
	refuse_add(l->d, CAUSE_NO_EH_HDR, l->pieces[i]->item.object->name, "%s", "");
	l->failed = true;
}

static int falling(const void *a, const void *b)
{
	const struct write *x = a, *y = b;

	return x->w.addr > y->w.addr ? -1 : x->w.addr < y->w.addr;
}

void unwind_writes(struct layout *l)
{
	const uint8_t *hdr = table_of(l->d->old);
	uint32_t first = l->d->nwrites;

	if (!l->nfdes)
		return;
	if (!hdr) {
		refuse_without_table(l);
		return;
	}
	if (l->d->mapped) {
		mapped_pairs(l, PAIRS(hdr));
		return;
	}
	arena_pairs(l, PAIRS(hdr));
	retire_dummies(l);
	qsort(l->d->writes + first, l->d->nwrites - first, sizeof *l->d->writes, falling);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verify, unwind tables: searches the patched file as an unwinder does and compares what it finds with NEW.
 *
 * For each new function: the binary search in .eh_frame_hdr, from its first and from its last byte, must end at an FDE
 * of exactly this function with NEW's call frame instructions, personality routine and exception table; or at one that
 * this function shares with others, and that comes to the same rules at each of its places.
 */
#include <string.h>

#include "cfi.h"
#include "check.h"

#define PCREL_SDATA4 0x1b
#define INDIRECT 0x80

struct frame {                          /* an FDE with its CIE, decoded */
	uint64_t start, range, lsda, personality;
	const uint8_t *insns, *cie_insns;
	uint64_t ninsns, ncie_insns;
	bool indirect, signal;
};

/* ---- reading ----------------------------------------------------------------------------------------------------- */

struct reader { const uint8_t *p; uint64_t addr, left; };

static bool take(struct reader *r, void *to, uint64_t n)
{
	if (n > r->left)
		return false;
	if (to)
		memcpy(to, r->p, n);
	r->p += n;
	r->addr += n;
	r->left -= n;
	return true;
}

static bool take_leb(struct reader *r, uint64_t *value)
{
	unsigned shift = 0;
	uint8_t byte;

	*value = 0;
	do {
		if (shift > 63 || !take(r, &byte, 1))
			return false;
		*value |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	return true;
}

/* A distance of 4 bytes from itself; 0 stays 0. */
static bool take_pcrel(struct reader *r, uint64_t *addr)
{
	uint64_t here = r->addr;
	int32_t distance;

	if (!take(r, &distance, 4))
		return false;
	*addr = distance ? here + distance : 0;
	return true;
}

/* The entry at ADDR, without its length. */
static bool open_entry(struct check *c, uint64_t addr, struct reader *r)
{
	const uint8_t *head = view_at(&c->cold, addr, 4);
	uint32_t length;

	if (!head)
		return false;
	memcpy(&length, head, 4);
	*r = (struct reader){ view_at(&c->cold, addr + 4, length), addr + 4, length };
	return r->p && length;
}

static bool read_cie(struct check *c, uint64_t addr, struct frame *f, bool *lsda)
{
	struct reader r;
	const char *aug;
	uint64_t n;
	uint32_t id;
	uint8_t byte;

	*lsda = false;
	if (!open_entry(c, addr, &r) || !take(&r, &id, 4) || id || !take(&r, &byte, 1) || byte != 1)
		return false;
	aug = (const char *)r.p;
	if (*aug != 'z' || !memchr(aug, 0, r.left) || !take(&r, NULL, strlen(aug) + 1) || !take_leb(&r, &n) ||
	    !take_leb(&r, &n) || !take(&r, &byte, 1) || !take_leb(&r, &n))
		return false;
	for (aug++; *aug; aug++) {
		f->signal |= *aug == 'S';
		*lsda |= *aug == 'L';
		if (*aug == 'S')
			continue;
		if (!take(&r, &byte, 1) || (byte & ~INDIRECT) != PCREL_SDATA4)
			return false;
		f->indirect |= *aug == 'P' && byte & INDIRECT;
		if (*aug == 'P' && !take_pcrel(&r, &f->personality))
			return false;
	}
	f->cie_insns = r.p;
	f->ncie_insns = r.left;
	return true;
}

static bool read_fde(struct check *c, uint64_t addr, struct frame *f)
{
	struct reader r;
	uint32_t back, range;
	uint64_t n;
	bool lsda;

	memset(f, 0, sizeof *f);
	if (!open_entry(c, addr, &r) || !take(&r, &back, 4) || !back || !read_cie(c, addr + 4 - back, f, &lsda) ||
	    !take_pcrel(&r, &f->start) || !take(&r, &range, 4) || !take_leb(&r, &n) || n != (lsda ? 4 : 0))
		return false;
	if (lsda && !take_pcrel(&r, &f->lsda))
		return false;
	f->range = range;
	f->insns = r.p;
	f->ninsns = r.left;
	return true;
}

/* Address of the FDE that a search for PC ends at, 0 when there is none; also checks that the table ascends there. */
static uint64_t search(struct check *c, uint64_t pc)
{
	uint64_t hdr = c->d->old->eh_frame_hdr, lo = 0, hi = c->d->old->eh_count, mid;
	const uint8_t *pairs = view_at(&c->cold, hdr + 12, 8 * hi);
	int32_t pair[2], next;

	if (!hdr || !pairs)
		return 0;
	while (hi - lo > 1) {
		mid = lo + (hi - lo) / 2;
		memcpy(pair, pairs + 8 * mid, 4);
		if (hdr + pair[0] <= pc)
			lo = mid;
		else
			hi = mid;
	}
	memcpy(pair, pairs + 8 * lo, 8);
	if (lo + 1 < c->d->old->eh_count) {
		memcpy(&next, pairs + 8 * (lo + 1), 4);
		if (next < pair[0])
			return 0;
	}
	return hdr + pair[1];
}

/* ---- comparing --------------------------------------------------------------------------------------------------- */

static bool only_nops(const uint8_t *p, uint64_t n)
{
	while (n && !*p)
		p++, n--;
	return !n;
}

/* Call frame instructions; either may be padded with DW_CFA_nop. */
static bool insns_same(const uint8_t *a, uint64_t na, const uint8_t *b, uint64_t nb)
{
	uint64_t n = na < nb ? na : nb;

	return (!n || !memcmp(a, b, n)) && only_nops(a + n, na - n) && only_nops(b + n, nb - n);
}

/* The routine itself, or the slot that names it: what stands there is compared as any reference to it would be. */
static bool personality_same(struct check *c, const struct cie *cie, const struct frame *f)
{
	bool indirect = cie->personality_enc & INDIRECT;
	struct object *o = image_object_at(c->d->new, cie->personality);
	struct ref ref = { .kind = REF_PCREL, .target = TARGET_OBJECT, .lea = true, .object = o };
	uint32_t i;

	if (cie->personality_enc == 0xff || !cie->personality)
		return !f->personality;
	if (!f->personality || indirect != f->indirect)
		return false;
	if (o) {
		ref.offset = cie->personality - o->addr;
		return check_target(c, &ref, f->personality);
	}
	ref.target = TARGET_IMPORT;
	for (i = 0; i < c->d->new->nplts; i++)
		if (c->d->new->plts[i].addr == cie->personality) {
			ref.import = c->d->new->plts[i].import;
			return check_target(c, &ref, f->personality);
		}
	return false;
}

/* Where functions share an entry: are the rules at every place of this one, which stands at ADDR, those of NEW? */
static bool share_same(const struct fde *fde, const struct frame *f, uint64_t addr)
{
	struct cfi_program new = { fde->cie->insns, fde->insns, fde->cie->ninsns, fde->ninsns };
	struct cfi_program cold = { f->cie_insns, f->insns, f->ncie_insns, f->ninsns };
	uint64_t from = addr - f->start, at, a_next, b_next;
	struct cfi_row a, b;

	if (fde->lsda || f->lsda || addr < f->start || from + fde->range > f->range)
		return false;
	for (at = 0; at < fde->range; at = a_next < b_next - from ? a_next : b_next - from)
		if (!cfi_row(&new, at, &a, &a_next) || !cfi_row(&cold, from + at, &b, &b_next) || !cfi_rows_equal(&a, &b))
			return false;
	return true;
}

static bool frame_same(struct check *c, const struct fde *fde, const struct frame *f, uint64_t addr)
{
	bool alone = f->start == addr && f->range == fde->range;

	if (!(alone ? insns_same(fde->insns, fde->ninsns, f->insns, f->ninsns) : share_same(fde, f, addr)) ||
	    !insns_same(fde->cie->insns, fde->cie->ninsns, f->cie_insns, f->ncie_insns) ||
	    fde->cie->signal_frame != f->signal || !personality_same(c, fde->cie, f) || !fde->lsda != !f->lsda)
		return false;
	if (fde->lsda && lsda_takes_slots(c->d->new, fde))
		return check_types(c, fde, f->lsda);
	return !fde->lsda || check_range(c, NULL, fde->lsda, fde->lsda_end - fde->lsda, f->lsda);
}

/* Who is under way in the function that this one replaces must find the entry that he always found. */
static void check_old(struct check *c, const struct object *o, uint64_t addr)
{
	if (o->twin && o->twin->fde && (!c->d->drops || o->twin->addr == addr) && search(c, o->twin->addr) != o->twin->fde->at)
		check_failed(c, o->name, 0, "its old unwind entry is not found any more");
}

void check_unwind(struct check *c, struct object *o, uint64_t addr)
{
	uint64_t first, last;
	struct frame f;

	if (!o->fde || !c->d->old->eh_frame_hdr)
		return;
	check_old(c, o, addr);
	if (o->twin && o->twin->addr == addr)
		return;
	first = search(c, addr);
	last = search(c, addr + o->size - 1);
	if (!first || first != last || !read_fde(c, first, &f) || f.start > addr || addr + o->fde->range > f.start + f.range)
		check_failed(c, o->name, 0, "no unwind entry is found for it");
	else if (!frame_same(c, o->fde, &f, addr))
		check_failed(c, o->name, 0, "its unwind entry differs from NEW");
}

// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Types that a handler at a fixed address catches.
 *
 * In code that is not position-independent the table of types in an LSDA holds plain addresses of 32 bits. The type of
 * another module, std::out_of_range say, is in the program then, where the linker made a place for a copy of it. OLD has no
 * such place for a type that NEW catches for the first time. So the table is rewritten as position-independent code has it:
 * an entry is the distance to a slot, of as many bytes, and one byte of the LSDA says so.
 *
 *	catch (const std::out_of_range &)       .long _ZTISt12out_of_range  ->  .long slot - .
 */
#include <string.h>
#include "check.h"
#include "layout.h"

#define AT 1                            /* the byte that says how types are told, behind one that is 0xff as a rule */
#define OMIT 0xff
#define PLAIN 0x03                      /* DW_EH_PE_udata4 */
#define BY_SLOT 0x9b                    /* DW_EH_PE_indirect | DW_EH_PE_pcrel | DW_EH_PE_sdata4 */

static bool has_plain_types(const struct image *img, const struct fde *fde)
{
	const uint8_t *p = image_bytes(img, fde->lsda, AT + 1);

	return p && p[0] == OMIT && p[AT] == PLAIN;
}

bool lsda_takes_slots(const struct image *img, const struct fde *fde)
{
	uint32_t n;
	const struct ref *r = image_refs_in(img, fde->lsda, fde->lsda_end, &n);

	for (; n; n--, r++)
		if (r->kind == REF_ABS32 && r->target == TARGET_OBJECT && is_copied_import(r->object))
			return has_plain_types(img, fde) && !hp_broken("types-caught");
	return false;
}

static struct slot *slot_of(struct layout *l, const struct ref *ref, bool make)
{
	struct object *o = is_copied_import(ref->object) ? NULL : ref->object;
	const char *import = o ? NULL : ref->object->copied;
	int64_t offset = o ? ref->offset : 0;

	return make ? need_slot(l, import, o, offset) : find_slot(l, import, o, offset);
}

void need_type(struct layout *l, const struct ref *ref)
{
	if (ref->kind != REF_ABS32 || ref->target != TARGET_OBJECT) {
		refuse_ref(l, CAUSE_REF_UNKNOWN, ref, "it names a type in another way");
		return;
	}
	need_object(l, ref->object);
	slot_of(l, ref, true);
}

void write_types(struct layout *l, struct piece *p)
{
	uint32_t n;
	const struct ref *r = image_refs_in(l->d->new, p->item.source, p->item.source + p->item.size, &n);

	p->item.bytes[AT] = BY_SLOT;
	for (; n; n--, r++) {
		uint64_t off = r->at - p->item.source;
		int32_t distance = slot_of(l, r, false)->addr - (p->item.addr + off);

		memcpy(p->item.bytes + off, &distance, 4);
	}
}

/* All but the types. */
static bool rest_is_right(struct check *c, const struct fde *fde, uint64_t addr)
{
	uint64_t size = fde->lsda_end - fde->lsda;
	const uint8_t *new = image_bytes(c->d->new, fde->lsda, size), *cold = check_bytes(c, addr, size);
	uint64_t done = AT + 1;
	uint32_t n;
	const struct ref *r = image_refs_in(c->d->new, fde->lsda, fde->lsda_end, &n);

	if (!new || !cold || cold[0] != OMIT || cold[AT] != BY_SLOT)
		return false;
	for (; n; n--, r++) {
		uint64_t at = r->at - fde->lsda;

		if (at < done || memcmp(new + done, cold + done, at - done))
			return false;
		done = at + r->size;
	}
	return done <= size && !memcmp(new + done, cold + done, size - done);
}

bool check_types(struct check *c, const struct fde *fde, uint64_t addr)
{
	uint32_t n;
	const struct ref *r = image_refs_in(c->d->new, fde->lsda, fde->lsda_end, &n);

	if (!rest_is_right(c, fde, addr))
		return false;
	for (; n; n--, r++) {
		uint64_t here = addr + (r->at - fde->lsda);
		int32_t distance;

		memcpy(&distance, check_bytes(c, here, 4), 4);
		if (r->target != TARGET_OBJECT || !check_slot(c, r, here + distance))
			return false;
	}
	return true;
}

/* SPDX-License-Identifier: MIT */
/*
 * The reader of a patch: section .hp.patch of NAME.hp.o, and the boot record inside it.
 *
 * Problem: the same bytes are read by the stub inside every process, by hp-diff and by hp-ctl as root, and may be cut,
 * damaged or hostile. Method: hp_patch_check() looks at everything once; after it said FAULT_NONE the accessors below
 * may be used without a further check, and every table, string and byte range lies inside the section. The section must
 * not change afterwards, so read it, don't map it. Left out: whether the patch fits a module (engine.h).
 *
 * No C library, no allocation, no output: faults are values, hp_fault_text() names them.
 */
#ifndef HOTPATCH_PATCH_H
#define HOTPATCH_PATCH_H

#include <stdbool.h>
#include <stddef.h>
#include "abi.h"

#define HP_FAULT(id, text) id,
enum hp_fault {
#include "fault.def"
	FAULT_COUNT
};
#undef HP_FAULT

const char *hp_fault_text(enum hp_fault fault);

/* Find the section NAME in an ELF file of SIZE bytes that lies in memory, 8-aligned. */
enum hp_fault hp_section_find(const void *file, uint64_t size, const char *name, const void **section,
			      uint64_t *section_size);

/* The same for the patch, which is 8-aligned. The section is not checked. */
enum hp_fault hp_patch_find(const void *file, uint64_t size, const void **section, uint64_t *section_size);

/* Check the whole section, boot record and checksum included. SECTION must be 8-aligned. */
enum hp_fault hp_patch_check(const void *section, uint64_t size);

/* Check that the mapped segments lie within the hotpatch file of SIZE bytes and are undamaged. */
enum hp_fault hp_patch_check_segments(const struct hp_patch *p, const void *file, uint64_t size);

/* The SHA-1 that belongs into hp_patch.id. */
void hp_patch_id(const struct hp_patch *p, uint8_t id[HP_ID_SIZE]);

/* Where a boot record may write: the arena, and the lower half of the reserve. */
struct hp_bounds {
	uint64_t arena, arena_end, reserve, reserve_end;
};

static inline struct hp_bounds hp_bounds(uint64_t arena, uint64_t arena_end, uint64_t reserve, uint64_t reserve_end)
{
	return (struct hp_bounds) { arena, arena_end, reserve, hp_reserve_code(reserve, reserve_end) };
}

/*
 * Check a boot record that has LIMIT readable bytes; hp_patch_check() does it for the one in a patch. For a coldpatched
 * module, where only the arena holds it, the caller passes what is left of the arena.
 */
enum hp_fault hp_boot_check(const struct hp_boot *b, uint64_t limit, const struct hp_bounds *bounds);

/* The boot record in the image bytes of a checked patch, NULL when there is none. It lies in one write record. */
const struct hp_boot *hp_patch_boot(const struct hp_patch *p);

/* ---- access to a checked patch ----------------------------------------------------------------------------------- */

static inline const void *hp_patch_at(const struct hp_patch *p, uint32_t offset)
{
	return (const uint8_t *)p + offset;
}

static inline const struct hp_write *hp_patch_writes(const struct hp_patch *p)
{
	return hp_patch_at(p, p->write);
}

static inline const struct hp_func *hp_patch_funcs(const struct hp_patch *p)
{
	return hp_patch_at(p, p->func);
}

static inline const struct hp_hook_name *hp_patch_hooks(const struct hp_patch *p)
{
	return hp_patch_at(p, p->hook);
}

static inline const struct hp_segment *hp_patch_segments(const struct hp_patch *p)
{
	return hp_patch_at(p, p->segment);
}

/* NULL: none. */
static inline const struct hp_line *hp_patch_line(const struct hp_patch *p)
{
	return p->line ? hp_patch_at(p, p->line) : NULL;
}

/* Byte I that write record W expects, and the one that it writes. */
static inline uint8_t hp_write_old(const struct hp_patch *p, const struct hp_write *w, uint32_t i)
{
	return w->old ? *((const uint8_t *)p + w->old + i) : 0xcc;
}

static inline uint8_t hp_write_new(const struct hp_patch *p, const struct hp_write *w, uint32_t i)
{
	return *((const uint8_t *)p + w->new_ + i);
}

/* What a mapped patch, whose records ascend, writes to the pair of .eh_frame_hdr at ADDR; NULL: nothing. */
static inline const uint8_t *hp_patch_pair(const struct hp_patch *p, uint64_t addr)
{
	const struct hp_write *w = hp_patch_writes(p);
	uint32_t low = 0, high = p->nwrite;

	while (low < high) {
		uint32_t i = low + (high - low) / 2;

		if (w[i].phase < HP_UNWIND || (w[i].phase == HP_UNWIND && w[i].addr < addr))
			low = i + 1;
		else
			high = i;
	}
	return low < p->nwrite && w[low].phase == HP_UNWIND && w[low].addr == addr && w[low].size == 8 ?
	       hp_patch_at(p, w[low].new_) : NULL;
}

static inline const void *hp_boot_at(const struct hp_boot *b, uint32_t offset)
{
	return (const uint8_t *)b + offset;
}

/* The variables of the old build that it sets, *N of them. */
static inline const struct hp_value *hp_patch_values(const struct hp_patch *p, uint32_t *n)
{
	const struct hp_boot *boot = hp_patch_boot(p);

	*n = boot ? boot->nvalue : 0;
	return boot ? hp_boot_at(boot, boot->value) : NULL;
}

#endif

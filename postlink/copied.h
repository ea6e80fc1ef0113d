/* SPDX-License-Identifier: GPL-3.0-or-later */
/* copied.c: instructions that use variables and functions of libraries by the program's own place for them. */
#ifndef HOTPATCH_COPIED_H
#define HOTPATCH_COPIED_H

#include "diff.h"

/* An instruction that takes the address of such a variable, or loads it. */
struct copied {
	bool lea, wide;                 /* of 64 bits */
	bool immediate;                 /* the field is an immediate: no-PIE */
	bool word;                      /* likewise, of 64 bits: it becomes a load from the slot */
	bool other;                     /* neither: COPY is the instruction with the address in register SCRATCH */
	uint8_t copy[16], ncopy, scratch;
	unsigned tail;                  /* bytes of it behind the field */
	unsigned lead;                  /* bytes of it before the field, which ends it */
	unsigned reg;                   /* number of the register that is set */
	uint8_t op[2]; unsigned nop;    /* opcode */
};
/* REF takes the address of a library's function by that of OLD's PLT entry, which is not the one that others know. */
bool is_other_address(const struct diff *d, const struct ref *ref);
/* What REF names, such a variable or function, is reached by a slot, which holds the address of that import. */
bool takes_slot(const struct diff *d, const struct ref *ref);
const char *slot_import(const struct ref *ref);
/* True when the instruction around the field of REF, which names such a variable, can be made to use a slot. */
bool copied_use(const struct image *img, const struct ref *ref, struct copied *use);
/* Where that needs a thunk: its code, with zeros in its two fields of 4 bytes: of the slot, *SLOT, and of the jump back. Returns
 * the place of the latter. */
#define THUNK_SIZE 44
unsigned copied_thunk(const struct copied *use, uint8_t *out, unsigned *slot);
/* The load that a movabs becomes, as long as that was, with zeros for the distance; returns the place of these. */
#define WORD_SIZE 10
unsigned copied_word(const struct copied *use, uint8_t *out);

#endif

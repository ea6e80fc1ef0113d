/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Call frame instructions (DWARF 5, 6.4.2): reading them one by one, and the rules that they come to at a place. */
#ifndef HOTPATCH_CFI_H
#define HOTPATCH_CFI_H

#include <stdbool.h>
#include <stdint.h>

#define CFI_REGISTERS 32                /* those of x86-64 with a rule have smaller numbers */

enum {
	CFI_NOP = 0x00, CFI_ADVANCE4 = 0x04, CFI_OFFSET_EXTENDED = 0x05, CFI_RESTORE_EXTENDED = 0x06, CFI_UNDEFINED = 0x07,
	CFI_SAME_VALUE = 0x08, CFI_REGISTER = 0x09, CFI_REMEMBER = 0x0a, CFI_RESTORE_STATE = 0x0b, CFI_DEF_CFA = 0x0c,
	CFI_DEF_CFA_REGISTER = 0x0d, CFI_DEF_CFA_OFFSET = 0x0e, CFI_DEF_CFA_EXPRESSION = 0x0f, CFI_EXPRESSION = 0x10,
	CFI_VAL_OFFSET = 0x14, CFI_VAL_EXPRESSION = 0x16, CFI_ARGS_SIZE = 0x2e,
	CFI_ADVANCE = 0x40, CFI_OFFSET = 0x80, CFI_RESTORE = 0xc0,
};

/* One instruction; the short forms are told as what they stand for, advances all as CFI_ADVANCE. */
struct cfi {
	uint8_t op;
	uint64_t reg, value;            /* value: offset, second register, advance, or size of the block */
	const uint8_t *block;           /* an expression */
};

/* Reads the instruction at *AT. False when it is cut short, or of a kind that nothing here knows. */
bool cfi_next(const uint8_t **at, const uint8_t *end, struct cfi *i);

/* The instructions of an FDE, and of its CIE. */
struct cfi_program { const uint8_t *cie, *insns; uint64_t ncie, ninsns; };

/* What an unwinder knows: rule 0 is the one of the frame's address. */
struct cfi_rule { uint8_t how; uint64_t reg, value; const uint8_t *block; };
struct cfi_row { struct cfi_rule cfa, reg[CFI_REGISTERS]; uint64_t args; };

/* The rules OFFSET bytes behind the FDE's start; *next: first place behind where they may change, or UINT64_MAX. */
bool cfi_row(const struct cfi_program *p, uint64_t offset, struct cfi_row *row, uint64_t *next);
bool cfi_rows_equal(const struct cfi_row *a, const struct cfi_row *b);

/* What instructions leave behind. */
struct cfi_changes {
	uint32_t registers;             /* whose rule they change, a bit for each */
	bool args;                      /* they say how large arguments are */
	uint64_t place;                 /* where the last ones apply, from the start */
};

/* False when one of the instructions is not known. */
bool cfi_changes(const uint8_t *insns, uint64_t n, struct cfi_changes *c);

#endif

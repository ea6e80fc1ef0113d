/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decoding of one x86-64 instruction, see insn.c. */
#ifndef HOTPATCH_INSN_H
#define HOTPATCH_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct insn {
	unsigned length;
	unsigned disp;                  /* offset of its disp32(%rip), 0: it has none */
	unsigned rel;                   /* offset of its rel32 (branch), 0: it has none */
	bool lea;
};

/* Length of the instruction at p, of which N bytes are there; 0 when it is none. */
unsigned insn_decode(const uint8_t *p, size_t n, struct insn *insn);

/* CODE holds a part of a function from its start, the only place that is known to begin an instruction. Where the one
 * begins that has its disp32(%rip) at FIELD; -1: none has. */
long insn_start(const uint8_t *code, size_t size, size_t field, struct insn *insn);

#endif

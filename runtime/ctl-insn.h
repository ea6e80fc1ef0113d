/* SPDX-License-Identifier: MIT */
/*
 * The first instruction of a function, moved: x86-64. The gate takes its place at the entry, so the gate's way to the
 * old code runs a copy of it. Only what stands first in compiled functions needs to be known; anything else is 0.
 */
#ifndef HOTPATCH_CTL_INSN_H
#define HOTPATCH_CTL_INSN_H

#include <stddef.h>
#include <stdint.h>

#define INSN_MAX 15
#define INSN_MOVED_MAX 24

/* Length of the instruction at CODE (N bytes readable), 0: unknown or cut off. */
size_t insn_length(const uint8_t *code, size_t n);
/* Writes to OUT what does at address TO the same as the instruction at FROM; its length, 0 when that is not known. */
size_t insn_move(const uint8_t *code, size_t n, uint64_t from, uint64_t to, uint8_t out[INSN_MOVED_MAX]);

#endif

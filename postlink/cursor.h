/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading numbers one behind the other, as unwind tables have them. */
#ifndef HOTPATCH_CURSOR_H
#define HOTPATCH_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

/* A place in some bytes. One that ran off their end stays there, and reads zeros: BAD is looked at when all is read. */
struct cursor { const uint8_t *bytes; uint64_t base, at, end; bool bad; };     /* base: address of the first byte */

/* A number of N bytes, at most 8; LEB128 without and with a sign. Bits beyond the 64th are lost. */
uint64_t cursor_take(struct cursor *c, unsigned n);
uint64_t cursor_uleb(struct cursor *c);
int64_t cursor_sleb(struct cursor *c);
/* The next N bytes, which are left behind. */
const uint8_t *cursor_skip(struct cursor *c, uint64_t n);

#endif

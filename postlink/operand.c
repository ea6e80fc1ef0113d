// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * How much an instruction reads or writes through its operand: `mulps .LC0(%rip), %xmm0` sixteen bytes.
 *
 * Constants have no size of their own in a linked file, and one may begin inside another: GCC lets `.LC1: 1.0f` be the
 * first word of `.LC2: {1, 2, 3, 4}`. So the instruction decides. Prefixes, opcode map and opcode give a bound that is
 * exact for what compilers make of constants; where it is too large, more bytes are compared and copied than need be.
 */
#include <string.h>
#include "diff.h"
#include "insn.h"

#define UNKNOWN 64                      /* no instruction that compilers make reads more at once */

/* What stands before the opcode, of all encodings alike. */
struct head {
	unsigned map;                   /* 0: one byte, 1: 0F, 2: 0F 38, 3: 0F 3A; others of EVEX and XOP */
	unsigned vector;                /* bytes of a full vector: 16, 32, 64 */
	bool data16, repne, rep, wide, encoded;
	uint8_t opcode, modrm;
};

static void read_encoded(const uint8_t *p, struct head *h, unsigned pp)
{
	h->encoded = true;
	h->data16 = pp == 1;
	h->rep = pp == 2;
	h->repne = pp == 3;
	h->opcode = p[0];
	h->modrm = p[1];
}

static const uint8_t *read_prefixes(const uint8_t *p, struct head *h)
{
	for (;; p++) {
		if (*p == 0x66)
			h->data16 = true;
		else if (*p == 0xf2)
			h->repne = true;
		else if (*p == 0xf3)
			h->rep = true;
		else if (!memchr("\x2e\x36\x3e\x26\x64\x65\x67\xf0", *p, 8))
			break;
	}
	if ((*p & 0xf0) == 0x40)
		h->wide = *p++ & 8;
	return p;
}

static void read_legacy(const uint8_t *p, struct head *h)
{
	if (*p == 0x0f) {
		p++;
		h->map = *p == 0x38 ? 2 : *p == 0x3a ? 3 : 1;
		p += h->map > 1;
	}
	h->opcode = p[0];
	h->modrm = p[1];
}

static struct head read_head(const uint8_t *p)
{
	struct head h = { .vector = 16 };

	p = read_prefixes(p, &h);
	if (*p == 0xc5) {
		h.map = 1;
		h.vector = p[1] & 4 ? 32 : 16;
		read_encoded(p + 2, &h, p[1] & 3);
	} else if (*p == 0xc4) {
		h.map = p[1] & 0x1f;
		h.wide = p[2] & 0x80;
		h.vector = p[2] & 4 ? 32 : 16;
		read_encoded(p + 3, &h, p[2] & 3);
	} else if (*p == 0x62) {
		h.map = p[1] & 7;
		h.wide = p[2] & 0x80;
		h.vector = p[3] & 0x10 ? h.wide ? 8 : 4 : 16u << (p[3] >> 5 & 3);
		read_encoded(p + 4, &h, p[2] & 3);
	} else {
		read_legacy(p, &h);
	}
	return h;
}

/* Of a conversion to twice the size; where one element is taken for all, that is all there is. */
static unsigned half(const struct head *h)
{
	return h->vector < 16 ? h->vector : h->vector / 2;
}

static unsigned general(const struct head *h)
{
	return h->wide ? 8 : h->data16 ? 2 : 4;
}

static unsigned x87(const struct head *h)
{
	unsigned reg = h->modrm >> 3 & 7;

	switch (h->opcode) {
	case 0xd8: case 0xda:
		return 4;
	case 0xd9:
		return reg < 4 ? 4 : reg == 4 || reg == 6 ? UNKNOWN : 2;
	case 0xdb:
		return reg < 4 ? 4 : 10;
	case 0xdd:
		return reg < 4 ? 8 : reg == 7 ? 2 : UNKNOWN;
	case 0xde:
		return 2;
	case 0xdf:
		return reg == 4 || reg == 6 ? 10 : 8;
	}
	return 8;
}

static unsigned one_byte(const struct head *h)
{
	if (h->opcode >= 0xd8 && h->opcode <= 0xdf)
		return x87(h);
	if (h->opcode == 0xff)
		return (h->modrm >> 3 & 7) < 2 ? general(h) : 8;        /* inc, dec; else an address */
	if (h->opcode == 0x63)
		return 4;
	return h->opcode & 1 ? general(h) : h->opcode < 0x40 || memchr("\x80\x84\x86\x88\x8a\xc6\xf6\xfe", h->opcode, 8) ? 1 : 8;
}

/* Scalar arithmetic, moves, conversions and comparisons of single (F3) and double (F2) precision. */
static bool is_scalar(const struct head *h)
{
	uint8_t o = h->opcode;

	if (!h->rep && !h->repne)
		return false;
	return o == 0x10 || o == 0x11 || o == 0x2c || o == 0x2d || o == 0xc2 || (o >= 0x51 && o <= 0x5f && o != 0x5b);
}

static unsigned two_byte(const struct head *h)
{
	uint8_t o = h->opcode;

	if (is_scalar(h))
		return h->rep ? 4 : 8;
	switch (o) {
	case 0x12: case 0x16: case 0x13: case 0x17:
		return h->rep || (h->repne && h->vector > 16) ? h->vector : 8;
	case 0x2a:
		return h->rep || h->repne ? general(h) : 8;
	case 0x2e: case 0x2f:
		return h->data16 ? 8 : 4;
	case 0x5a: case 0xe6:
		return h->rep || (o == 0x5a && !h->data16) ? half(h) : h->vector;
	case 0x6e: case 0x7e: case 0xd6:
		return 8;
	case 0xb6: case 0xbe: case 0xb0: case 0xc0:
		return 1;
	case 0xb7: case 0xbf:
		return 2;
	case 0xaf: case 0xa3: case 0xab: case 0xb3: case 0xbb: case 0xbc: case 0xbd: case 0xb8:
	case 0xb1: case 0xc1:
		return general(h);
	}
	if (o >= 0x40 && o <= 0x4f && !h->encoded)
		return general(h);
	return h->vector;
}

/* Broadcasts, extensions, and scalar multiply-and-add, which has odd numbers from 99 on. */
static unsigned map_38(const struct head *h)
{
	uint8_t o = h->opcode;

	if (!h->encoded)
		return 16;
	if (o >= 0x90 && (o & 0x0f) >= 9 && (o & 1) && o < 0xc0)
		return h->wide ? 8 : 4;
	switch (o) {
	case 0x18: case 0x58:
		return 4;
	case 0x19: case 0x59:
		return 8;
	case 0x1a: case 0x5a:
		return 16;
	case 0x78:
		return 1;
	case 0x79:
		return 2;
	}
	return h->vector;
}

static unsigned map_3a(const struct head *h)
{
	switch (h->opcode) {
	case 0x0a: case 0x21:
		return 4;
	case 0x0b: case 0x22:
		return 8;
	case 0x20:
		return 1;
	case 0x18: case 0x38:
		return h->encoded ? 16 : h->vector;
	}
	return h->vector;
}

static unsigned operand_size(const uint8_t *p)
{
	struct head h = read_head(p);

	switch (h.map) {
	case 0: return one_byte(&h);
	case 1: return two_byte(&h);
	case 2: return map_38(&h);
	case 3: return map_3a(&h);
	}
	return UNKNOWN;
}

unsigned insn_operand(const uint8_t *code, size_t size, size_t field)
{
	struct insn insn;
	uint8_t room[32] = { 0 };
	long at = insn_start(code, size, field, &insn);

	if (at < 0)
		return UNKNOWN;
	if (hp_broken("operands"))
		return 1;
	memcpy(room, code + at, insn.length);
	return operand_size(room);
}

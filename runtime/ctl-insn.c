/* SPDX-License-Identifier: MIT */
/* Moving one x86-64 instruction, see ctl-insn.h. */
#include <stdbool.h>
#include <string.h>
#include "ctl-insn.h"

/* What follows an opcode. M: ModRM; b, w, z: immediate of 1, 2, 4 bytes (z: 2 with prefix 66); v: z, 8 with REX.W; r,
 * R: branch distance of 1, 4 bytes; g, G: ModRM, and b or z if its middle field is 0 or 1; '.': nothing; '?':
 * unknown. */
static const char one_byte[257] =
	"MMMMbz??MMMMbz??" "MMMMbz??MMMMbz??" "MMMMbz??MMMMbz??" "MMMMbz??MMMMbz??"     /* 00-3f */
	"????????????????" "................" "???M????zZbB...." "rrrrrrrrrrrrrrrr"     /* 40-7f */
	"BZ?BMMMMMMMMMMMM" "..........?....." "????....bz......" "bbbbbbbbvvvvvvvv"     /* 80-bf */
	"BBw.??BZ?.?..b??" "MMMM???.MMMMMMMM" "????bbbbcR?r...." "?.??..gG......MM";     /* c0-ff */
/* Z: ModRM and z; B: ModRM and b; c: call */
static const char two_byte[257] =
	"????" "?.??" "?.?." "?M??" "MMMMMMMMMMMMMMMM" "????????MMMMMMMM" "................"        /* 00-3f */
	"MMMMMMMMMMMMMMMM" "MMMMMMMMMMMMMMMM" "MMMMMMMMMMMMMMMM" "BBBBMMM.MMMMMMMM"     /* 40-7f */
	"RRRRRRRRRRRRRRRR" "MMMMMMMMMMMMMMMM" "...MBM??...MBMMM" "MMMMMMMMMMBMMMMM"     /* 80-bf */
	"MMBMBBBM........" "MMMMMMMMMMMMMMMM" "MMMMMMMMMMMMMMMM" "MMMMMMMMMMMMMMM?";    /* c0-ff */

struct insn {
	size_t length;
	size_t opcode;                  /* where the last byte of the opcode is */
	size_t rip;                     /* offset of a disp32 that counts from the instruction's end, 0: none */
	size_t branch;                  /* offset of a branch distance, 0: none */
	char kind;
	bool word, wide, two;           /* prefix 66; REX.W; 0F map */
};

static bool is_prefix(uint8_t byte)
{
	return byte == 0x66 || byte == 0x67 || byte == 0xf2 || byte == 0xf3 || byte == 0x2e || byte == 0x36 ||
	       byte == 0x3e || byte == 0x26 || byte == 0x64 || byte == 0x65 || byte == 0xf0;
}

/* Prefixes and opcode; the offset behind them, 0 when unknown. */
static size_t read_opcode(const uint8_t *code, size_t n, struct insn *insn)
{
	size_t at = 0;
	unsigned map = 0;

	for (; at < n && is_prefix(code[at]); at++)
		insn->word = insn->word || code[at] == 0x66;
	if (at < n && (code[at] & 0xf0) == 0x40)
		insn->wide = code[at++] & 8;
	if (n - at < 5)
		return 0;               /* opcode and ModRM follow; nothing compiled has so many prefixes */
	if (code[at] == 0xc5)
		map = 1, at += 2;
	else if (code[at] == 0xc4)
		map = code[at + 1] & 0x1f, at += 3;
	else if (code[at] == 0x62)
		map = code[at + 1] & 7, at += 4;
	else if (code[at] == 0x0f && code[at + 1] == 0x38)
		map = 2, at += 2;
	else if (code[at] == 0x0f && code[at + 1] == 0x3a)
		map = 3, at += 2;
	else if (code[at] == 0x0f)
		map = 1, at += 1;
	if (map > 3 || at >= n)
		return 0;
	insn->opcode = at;
	insn->two = map == 1;
	insn->kind = map == 0 ? one_byte[code[at]] : map == 1 ? two_byte[code[at]] : map == 2 ? 'M' : 'B';
	return at + 1;
}

/* ModRM, SIB and displacement. */
static size_t read_modrm(const uint8_t *code, size_t n, size_t at, struct insn *insn)
{
	if (at + 1 >= n)
		return 0;
	uint8_t mod = code[at] >> 6, rm = code[at] & 7, base = rm;
	at++;
	if (mod == 3)
		return at;
	if (rm == 4)
		base = code[at++] & 7;
	if (mod == 0 && rm == 5)
		insn->rip = at;
	if (mod == 2 || (mod == 0 && base == 5))
		at += 4;
	else if (mod == 1)
		at += 1;
	return at;
}

static size_t immediate_size(const struct insn *insn, uint8_t modrm)
{
	size_t z = insn->word ? 2 : 4;
	bool test = (modrm >> 3 & 7) < 2;

	switch (insn->kind) {
	case 'b': case 'B': case 'r':
		return 1;
	case 'w':
		return 2;
	case 'z': case 'Z':
		return z;
	case 'v':
		return insn->wide ? 8 : z;
	case 'c': case 'R':
		return 4;
	case 'g':
		return test ? 1 : 0;
	case 'G':
		return test ? z : 0;
	}
	return 0;
}

static bool decode(const uint8_t *code, size_t n, struct insn *insn)
{
	*insn = (struct insn){0};
	if (n > INSN_MAX)
		n = INSN_MAX;
	size_t at = read_opcode(code, n, insn);
	if (!at || insn->kind == '?')
		return false;
	uint8_t modrm = at < n ? code[at] : 0;
	if (strchr("MBZgG", insn->kind))
		at = read_modrm(code, n, at, insn);
	if (!at)
		return false;
	if (strchr("rRc", insn->kind))
		insn->branch = at;
	insn->length = at + immediate_size(insn, modrm);
	return insn->length <= n;
}

size_t insn_length(const uint8_t *code, size_t n)
{
	struct insn insn;

	return decode(code, n, &insn) ? insn.length : 0;
}

static bool put_distance(uint8_t *at, uint64_t target, uint64_t end)
{
	int64_t distance = (int64_t)(target - end);
	int32_t narrow = (int32_t)distance;

	memcpy(at, &narrow, 4);
	return narrow == distance;
}

/* A branch becomes its long form: jmp, or jcc. */
static size_t move_branch(const struct insn *insn, const uint8_t *code, uint64_t from, uint64_t to, uint8_t *out)
{
	int32_t distance;
	size_t n = 0;
	uint8_t opcode = code[insn->opcode];

	if (insn->kind == 'c' || insn->word)
		return 0;
	if (insn->kind == 'r')
		distance = (int8_t)code[insn->branch];
	else
		memcpy(&distance, code + insn->branch, 4);
	if (opcode == 0xe9 || opcode == 0xeb) {
		out[n++] = 0xe9;
	} else {
		out[n++] = 0x0f;
		out[n++] = 0x80 | (opcode & 15);
	}
	uint64_t target = from + insn->length + (uint64_t)(int64_t)distance;
	return put_distance(out + n, target, to + n + 4) ? n + 4 : 0;
}

size_t insn_move(const uint8_t *code, size_t n, uint64_t from, uint64_t to, uint8_t out[INSN_MOVED_MAX])
{
	struct insn insn;
	int32_t distance;

	if (!decode(code, n, &insn))
		return 0;
	if (insn.branch)
		return move_branch(&insn, code, from, to, out);
	memcpy(out, code, insn.length);
	if (!insn.rip)
		return insn.length;
	memcpy(&distance, code + insn.rip, 4);
	if (!put_distance(out + insn.rip, from + insn.length + (uint64_t)(int64_t)distance, to + insn.length))
		return 0;
	return insn.length;
}

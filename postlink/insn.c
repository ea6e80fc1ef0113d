/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * x86-64 instructions: how long they are, where an address relative to %rip stands in them, and, for people, their
 * text.
 *
 * A relocation points at the four bytes of an address, and the distance in them counts from the end of the instruction,
 * which may have an immediate behind: `cmpl $1, x(%rip)`. insn_tail() tells how many bytes follow, looking back from
 * the field: ModRM and opcode decide, and in all but a few of a thousand cases no other reading of the bytes before is
 * possible. Where one is, the code is decoded forward from a place that is known to start an instruction. The tables
 * have one letter for each opcode; 2.5 M instructions of libc, libcrypto and others agree with libopcodes, which
 * testsuite/unit-insn.t shows for some of them.
 *
 * libopcodes itself is used for reports only: it takes 0.8 us for an instruction. Its header includes bfd.h, and so
 * does this file, though it opens nothing.
 *
 * Left out: `66 e8` and the like as 16-bit branches (Intel ignores the prefix), 3DNow!, AMD's extrq with immediates.
 */
#define PACKAGE "hotpatch"
#include <dis-asm.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "diff.h"
#include "insn.h"

/*
 * What follows an opcode:  - no instruction  . nothing  m ModRM  i imm8  w imm16  z imm16 or imm32  v that or imm64
 * o address  e imm16 and imm8  r rel32  B ModRM, imm8  Z ModRM, imm16 or imm32  3, 4 ModRM, and an immediate for the
 * first two of the group  p prefix  x REX  E escape to another table
 */
static const char one_byte[] =
	"mmmmiz--mmmmiz-E" "mmmmiz--mmmmiz--" "mmmmizp-mmmmizp-" "mmmmizp-mmmmizp-"
	"xxxxxxxxxxxxxxxx" "................" "--Emppppz" "ZiB...." "iiiiiiiiiiiiiiii"
	"BZ-Bmmmmmmmmmmmm" ".........." "-....." "oooo....iz......" "iiiiiiiivvvvvvvv"
	"BBw.EEBZe.w..i-." "mmmm---.mmmmmmmm" "iiiiiiiirr-i...." "p.pp..34......mm";
static const char two_byte[] =
	"mmmm-.....-.-m.B" "mmmmmmmmmmmmmmmm" "mmmm----mmmmmmmm" "......-.E-E-----"
	"mmmmmmmmmmmmmmmm" "mmmmmmmmmmmmmmmm" "mmmmmmmmmmmmmmmm" "BBBBmmm.mmmmmmmm"
	"rrrrrrrrrrrrrrrr" "mmmmmmmmmmmmmmmm" "...mBmmm...mBmmm" "mmmmmmmmmmBmmmmm"
	"mmBmBBBm........" "mmmmmmmmmmmmmmmm" "mmmmmmmmmmmmmmmm" "mmmmmmmmmmmmmmmm";
_Static_assert(sizeof one_byte == 257 && sizeof two_byte == 257, "one letter for each opcode");

/* ---- decoding forward -------------------------------------------------------------------------------------------- */

/* Opcode bytes at p[at...] behind the prefixes: letter, and where the ModRM byte or the operands are. */
struct opcode { char what; size_t next; bool lea; };

static struct opcode vex_opcode(const uint8_t *p, size_t at, unsigned map)
{
	if (map == 1)
		return (struct opcode) { two_byte[p[at]], at + 1, false };
	if (map == 3 || map == 8)
		return (struct opcode) { 'B', at + 1, false };
	if (map == 10)
		return (struct opcode) { 'Z', at + 1, false };
	return (struct opcode) { map == 2 || map == 5 || map == 6 || map == 9 ? 'm' : '-', at + 1, false };
}

/* At most 6 bytes are looked at. */
static struct opcode find_opcode(const uint8_t *p, size_t at)
{
	switch (p[at]) {
	case 0x0f:
		if (p[at + 1] == 0x38)
			return (struct opcode) { 'm', at + 3, false };
		if (p[at + 1] == 0x3a)
			return (struct opcode) { 'B', at + 3, false };
		return (struct opcode) { two_byte[p[at + 1]], at + 2, false };
	case 0xc5: return vex_opcode(p, at + 2, 1);
	case 0xc4: return vex_opcode(p, at + 3, p[at + 1] & 0x1f);
	case 0x62: return vex_opcode(p, at + 4, p[at + 1] & 0x07);
	case 0x8f:
		if ((p[at + 1] & 0x1f) >= 8)
			return vex_opcode(p, at + 3, p[at + 1] & 0x1f);
	}
	return (struct opcode) { one_byte[p[at]], at + 1, p[at] == 0x8d };
}

static unsigned immediate(char what, unsigned z, bool wide, bool short_address, unsigned reg)
{
	switch (what) {
	case 'i': case 'B': return 1;
	case 'w': return 2;
	case 'z': case 'Z': return z;
	case 'v': return wide ? 8 : z;
	case 'o': return short_address ? 4 : 8;
	case 'e': return 3;
	case 'r': return 4;
	case '3': return reg < 2 ? 1 : 0;
	case '4': return reg < 2 ? z : 0;
	}
	return 0;
}

static bool has_modrm(char what) { return what && strchr("mBZ34", what); }

/* Bytes of SIB and displacement behind the ModRM byte at p[0]. */
static unsigned modrm_rest(const uint8_t *p)
{
	unsigned mod = p[0] >> 6, rm = p[0] & 7, n;

	if (mod == 3)
		return 0;
	n = mod == 1 ? 1 : mod == 2 || rm == 5 ? 4 : 0;
	if (rm != 4)
		return n;
	return 1 + (!mod && (p[1] & 7) == 5 ? 4 : n);
}

static bool decode(const uint8_t *p, struct insn *insn)
{
	size_t at = 0;
	bool wide = false, data16 = false, short_address = false;
	struct opcode op;
	unsigned imm;

	for (; at < 8 && one_byte[p[at]] == 'p'; at++) {
		data16 |= p[at] == 0x66;
		short_address |= p[at] == 0x67;
	}
	if (one_byte[p[at]] == 'x')
		wide = p[at++] & 8;
	op = find_opcode(p, at);
	if (op.what == '-' || op.what == 'p' || op.what == 'x' || op.what == 'E')
		return false;
	*insn = (struct insn) { .lea = op.lea };
	imm = immediate(op.what, data16 && !wide ? 2 : 4, wide, short_address, p[op.next] >> 3 & 7);
	at = op.next;
	if (has_modrm(op.what)) {
		if ((p[at] & 0xc7) == 5)
			insn->disp = at + 1;
		at += 1 + modrm_rest(p + at);
	}
	if (op.what == 'r')
		insn->rel = at;
	insn->length = at + imm;
	return insn->length <= 15;
}

unsigned insn_decode(const uint8_t *p, size_t n, struct insn *insn)
{
	uint8_t room[32] = { 0 };

	if (n < sizeof room) {
		memcpy(room, p, n);
		p = room;
	}
	return decode(p, insn) && insn->length <= n ? insn->length : 0;
}

/* ---- looking back ------------------------------------------------------------------------------------------------ */

/* True when the field at p[0] belongs to an opcode without immediate and no other reading is possible. At least six
 * bytes before it are there. */
static bool plainly_last(const uint8_t *p)
{
	if (one_byte[p[-2]] != 'm' || (p[-3] == 0x0f && two_byte[p[-2]] != 'm'))
		return false;
	return !(p[-3] == 0x3a && p[-4] == 0x0f) && p[-4] != 0xc5 && p[-5] != 0xc4 && p[-5] != 0x8f && p[-6] != 0x62;
}

/* Decodes from every start that may be; the one reading that they agree on. -1: none, -2: they do not agree. */
static int look_back(const uint8_t *code, size_t at, size_t size, bool *lea)
{
	int tail = -1;

	for (size_t back = 2; back <= 12 && back <= at; back++) {
		struct insn insn;
		int n;

		if (!insn_decode(code + at - back, size - at + back, &insn) || insn.disp != back)
			continue;
		n = insn.length - back - 4;
		if (tail >= 0 && (n != tail || insn.lea != *lea))
			return -2;
		tail = n;
		*lea = insn.lea;
	}
	return tail;
}

long insn_start(const uint8_t *code, size_t size, size_t field, struct insn *insn)
{
	for (size_t k = 0; k < field; k += insn->length) {
		if (!insn_decode(code + k, size - k, insn))
			return -1;
		if (insn->disp && k + insn->disp == field)
			return k;
	}
	return -1;
}

static int go_forward(const uint8_t *code, size_t at, size_t size, bool *lea)
{
	struct insn insn;

	if (insn_start(code, size, at, &insn) < 0)
		return -1;
	*lea = insn.lea;
	return insn.length - insn.disp - 4;
}

static bool is_branch(const uint8_t *p, size_t at)
{
	return p[-1] == 0xe8 || p[-1] == 0xe9 ||
		(at > 1 && ((p[-2] == 0x0f && (p[-1] & 0xf0) == 0x80) || (p[-2] == 0xc7 && p[-1] == 0xf8)));
}

int insn_tail(const uint8_t *code, size_t at, size_t size, bool *lea, bool *branch)
{
	const uint8_t *p = code + at;
	int tail;

	*lea = *branch = false;
	if (!at || at > size || size - at < 4)
		return -1;
	if (is_branch(p, at)) {
		*branch = true;
		return 0;
	}
	if (at < 2 || (p[-1] & 0xc7) != 5)
		return -1;
	if (at >= 6 && plainly_last(p)) {
		*lea = p[-2] == 0x8d && p[-3] != 0x0f;
		return 0;
	}
	tail = look_back(code, at, size, lea);
	return tail == -2 ? go_forward(code, at, size, lea) : tail;
}

/* ---- text -------------------------------------------------------------------------------------------------------- */

struct disasm {
	struct disassemble_info info;
	disassembler_ftype print;
	char *text; size_t room, used;  /* of the instruction under way */
	uint64_t target;
};

static int add_text(struct disasm *dis, const char *fmt, va_list ap)
{
	int n = dis->used < dis->room ? vsnprintf(dis->text + dis->used, dis->room - dis->used, fmt, ap) : 0;

	dis->used += n > 0 ? n : 0;
	return n;
}

__attribute__((format(printf, 2, 3)))
static int print_plain(void *stream, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = add_text(stream, fmt, ap);
	va_end(ap);
	return n;
}

__attribute__((format(printf, 3, 4)))
static int print_styled(void *stream, enum disassembler_style style ATTRIBUTE_UNUSED, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = add_text(stream, fmt, ap);
	va_end(ap);
	return n;
}

static void note_address(bfd_vma addr, struct disassemble_info *info)
{
	struct disasm *dis = info->stream;

	dis->target = addr;
	print_plain(dis, "0x%llx", (unsigned long long)addr);
}

static void no_error(int status ATTRIBUTE_UNUSED, bfd_vma addr ATTRIBUTE_UNUSED,
		     struct disassemble_info *info ATTRIBUTE_UNUSED) { }

struct disasm *disasm_open(const struct image *img ATTRIBUTE_UNUSED)
{
	struct disasm *dis = xcalloc(1, sizeof *dis);

	init_disassemble_info(&dis->info, dis, print_plain, print_styled);
	dis->info.arch = bfd_arch_i386;
	dis->info.mach = bfd_mach_x86_64;
	dis->info.endian = dis->info.endian_code = BFD_ENDIAN_LITTLE;
	dis->info.read_memory_func = buffer_read_memory;
	dis->info.memory_error_func = no_error;
	dis->info.print_address_func = note_address;
	disassemble_init_for_target(&dis->info);
	dis->print = disassembler(bfd_arch_i386, false, bfd_mach_x86_64, NULL);
	return dis;
}

void disasm_close(struct disasm *dis)
{
	if (!dis)
		return;
	disassemble_free_target(&dis->info);
	free(dis);
}

/* libopcodes names the address that a %rip operand works out to as well; only a branch has nothing else. */
static bool names_branch(const char *text)
{
	text += strspn(text, " ");
	while (!strncmp(text, "bnd ", 4) || !strncmp(text, "notrack ", 8) || !strncmp(text, "data16 ", 7) ||
	       !strncmp(text, "addr32 ", 7) || !strncmp(text, "cs ", 3) || !strncmp(text, "ds ", 3) ||
	       !strncmp(text, "rex.W ", 6))
		text = strchr(text, ' ') + 1;
	return !strchr(text, '*') && (*text == 'j' || !strncmp(text, "call", 4) || !strncmp(text, "loop", 4) ||
				      !strncmp(text, "xbegin", 6));
}

int disasm_insn(struct disasm *dis, uint64_t addr, const uint8_t *p, size_t n, char *text, size_t ntext,
		uint64_t *target)
{
	char unused[128];
	int length;

	dis->text = text && ntext ? text : unused;
	dis->room = text && ntext ? ntext : sizeof unused;
	dis->used = 0;
	dis->target = 0;
	dis->text[0] = 0;
	dis->info.buffer = (bfd_byte *)p;
	dis->info.buffer_vma = addr;
	dis->info.buffer_length = n;
	length = dis->print(addr, &dis->info);
	if (target)
		*target = names_branch(dis->text) ? dis->target : 0;
	return length > 0 && !strstr(dis->text, "(bad)") ? length : 0;
}

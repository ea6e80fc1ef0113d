/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Variables of libraries that a program uses directly: stderr, _ZTISt12out_of_range.
 *
 * Programs are compiled as if such a variable were their own; the linker then makes a place for it in the program and a
 * COPY relocation, and the library uses that place too. When NEW uses one that OLD did not, the running program has no
 * such place, and the library's own is out of reach of a 32-bit distance. So its address is bound in a slot, and the
 * instruction changes in place:
 *
 *   lea stderr(%rip),%rax    becomes   mov slot(%rip),%rax
 *   mov stderr(%rip),%rdi    becomes   jmp thunk; int3; int3
 *                                      thunk: mov slot(%rip),%rdi; mov (%rdi),%rdi; jmp back
 *   movslq optind(%rip),%rax           likewise, with movslq (%rax),%rax
 *   cmpb $0,__libc_single_threaded(%rip)   and the like: likewise, with a register that is saved below the red zone
 *   mov $_ZTISt12out_of_range,%esi     in a program at a fixed address: likewise, with the first mov alone
 *   movq $_ZTVSt9exception+16,8(%rsp)  likewise, by way of a register that is saved
 *   mov $free,%edi                     of a function: likewise, where OLD's own PLT entry is not its address for all
 *   movabs $stderr,%rax                with -mcmodel=large: mov slot(%rip),%rax; nop
 *
 * A pointer to it in data is a word that is bound. No unwind entry covers the thunk, which only a signal handler's backtrace
 * could notice. Left out: instructions that use the stack or registers that they do not name, which are refused.
 */
#include <string.h>
#include <libiberty/libiberty.h>

#include "insn.h"
#include "layout.h"

/* ---- instructions ------------------------------------------------------------------------------------------------ */

/* Those of REX and opcode that load a general register, with or without extension: mov, movzx, movsx, movslq. */
static bool is_load(const struct copied *use)
{
	if (use->nop == 2)
		return (use->op[1] & 0xf6) == 0xb6;
	return use->op[0] == 0x8b || (use->op[0] == 0x63 && use->wide);
}

/* The instruction at P is REX, or not, opcode, ModRM, field. */
static bool read_use(const uint8_t *p, struct copied *use)
{
	uint8_t rex = (*p & 0xf0) == 0x40 ? *p++ : 0, modrm;

	use->wide = rex & 8;
	use->nop = *p == 0x0f ? 2 : 1;
	memcpy(use->op, p, use->nop);
	modrm = p[use->nop];
	use->lead = !!rex + use->nop + 1;
	use->reg = (modrm >> 3 & 7) | (rex & 4) << 1;
	use->lea = use->nop == 1 && use->op[0] == 0x8d && use->wide;
	return (modrm & 0xc7) == 0x05 && (use->lea || is_load(use));
}

/* Opcodes, behind 0x0f or not, that use what is at ModRM and its register, and no other register; /N: part of the opcode. */
static bool is_plain(const uint8_t *op, unsigned n)
{
	uint8_t last = op[n - 1], reg = op[n] >> 3 & 7;

	if (n == 2)
		return (last & 0xf0) == 0x40 || (last & 0xf0) == 0x90 || (last & 0xf6) == 0xb6 ||  /* cmov, set, movzx, movsx */
		       memchr("\x10\x11\x28\x29\x2a\x2e\x2f\x58\x59\x5c\x5e\x6e\x6f\x7e\x7f\xaf\xd6", last, 17); /* SSE, imul */
	switch (last) {
	case 0x63: case 0x80: case 0x81: case 0x83: case 0x84: case 0x85: case 0x88: case 0x89: case 0x8a: case 0x8b:
		return true;                                    /* movslq, add to cmp, test, mov */
	case 0xc6: case 0xc7: case 0xf6: case 0xf7:             /* mov, test */
		return !reg;
	case 0xfe: case 0xff:                                   /* inc, dec */
		return reg < 2;
	}
	return last < 0x40 && (last & 7) < 4;                   /* add to cmp */
}

/* Any other instruction at P: prefixes, opcode, ModRM, field, immediate. The copy has another register for the address. */
static bool read_other(const uint8_t *p, const struct insn *insn, struct copied *use)
{
	unsigned op = 0, n;
	uint8_t rex = 0, reg;

	while (op < insn->disp && (p[op] == 0x66 || p[op] == 0xf2 || p[op] == 0xf3 || p[op] == 0xf0))
		op++;
	if ((p[op] & 0xf0) == 0x40)
		rex = p[op++];
	n = insn->disp - 1 - op;
	reg = p[insn->disp - 1] >> 3 & 7;
	*use = (struct copied){ .other = true, .lead = insn->disp, .tail = insn->length - insn->disp - 4 };
	if (n < 1 || n > 2 || (n == 2) != (p[op] == 0x0f) || !is_plain(p + op, n) || use->lead + use->tail > sizeof use->copy)
		return false;
	if (reg == 4 && !(rex & 4) && p[op] != 0x80 && p[op] != 0x81 && p[op] != 0x83)
		return false;                                   /* %rsp, which is another in the thunk */
	memcpy(use->copy, p, use->lead);
	memcpy(use->copy + use->lead, p + use->lead + 4, use->tail);
	use->scratch = reg & 3 ? 0 : 1;                         /* %rax; %rcx if that, or a byte of it, may be its other one */
	use->ncopy = use->lead + use->tail;
	use->copy[use->lead - 1] = reg << 3 | use->scratch;
	if (rex)
		use->copy[op - 1] &= ~1;
	return true;
}

/* The N bytes at P are REX, or not, opcode, field: mov to a register of 32 bits, which clears the others. */
static bool read_immediate(const uint8_t *p, unsigned n, struct copied *use)
{
	uint8_t rex = (*p & 0xf0) == 0x40 ? *p++ : 0;

	*use = (struct copied){ .immediate = true, .lead = !!rex + 1, .reg = (*p & 7) | (rex & 1) << 3 };
	return (*p & 0xf8) == 0xb8 && !(rex & 8) && n == use->lead + 4;
}

#define BELOW 136                       /* bytes that %rsp is lower in the thunk: the red zone and a register */

/* The N bytes at P are REX.W, 0xc7, ModRM and what belongs to it, field: `movq $vtable+16,24(%rsp)`. The copy stores a register,
 * which is no part of the address. */
static bool read_store(const uint8_t *p, unsigned n, struct copied *use)
{
	uint8_t mod = p[2] >> 6, rm = p[2] & 7, base = rm == 4 ? p[3] & 7 : rm, index = rm == 4 ? p[3] >> 3 & 7 : rm;
	unsigned sib = rm == 4, size = mod == 1 ? 1 : mod == 2 ? 4 : 0;
	int32_t disp = 0;

	if (n < 7 || (*p & 0xf8) != 0x48 || p[1] != 0xc7 || p[2] & 0x38 || mod == 3 || (!mod && base == 5) || n != 7 + sib + size)
		return false;
	*use = (struct copied){ .other = true, .lead = n - 4 };
	while (use->scratch == base || use->scratch == index)
		use->scratch++;
	memcpy(use->copy, p, 3 + sib + size);
	use->copy[0] = 0x48 | (*p & 3);
	use->copy[1] = 0x89;
	use->copy[2] = (p[2] & 0xc7) | use->scratch << 3;
	use->ncopy = 3 + sib + size;
	if (!sib || base != 4 || *p & 1)
		return true;
	memcpy(&disp, p + 4, size);
	disp = (size == 1 ? (int8_t)p[4] : disp) + BELOW;
	use->copy[2] = 0x80 | (use->copy[2] & 0x3f);
	memcpy(use->copy + 4, &disp, 4);
	use->ncopy = 8;
	return true;
}

/* The N bytes at P are REX.W, opcode, field: movabs. */
static bool read_word(const uint8_t *p, unsigned n, struct copied *use)
{
	*use = (struct copied){ .word = true, .lead = 2, .reg = (p[1] & 7) | (*p & 1) << 3 };
	return n == 10 && (*p & 0xfe) == 0x48 && (p[1] & 0xf8) == 0xb8;
}

/* The instruction of CODE that ends with the field of REF, which is at FIELD. */
static bool find_immediate(const uint8_t *code, size_t size, size_t field, const struct ref *ref, struct copied *use)
{
	struct insn insn;

	for (size_t at = 0; at < field && insn_decode(code + at, size - at, &insn); at += insn.length)
		if (at + insn.length == field + ref->size)
			return (ref->kind == REF_ABS32S ? read_store : ref->kind == REF_ABS32 ? read_immediate : read_word)
				(code + at, insn.length, use);
	return false;
}

bool copied_use(const struct image *img, const struct ref *ref, struct copied *use)
{
	const struct object *user = image_object_at(img, ref->at);
	const uint8_t *code = user ? image_bytes(img, user->addr, user->size) : NULL;
	struct insn insn;
	uint32_t n;
	long at;

	*use = (struct copied){ .lead = 0 };
	if ((ref->kind == REF_ABS32 || ref->kind == REF_ABS32S || ref->kind == REF_ABS64) && code && is_code(user))
		return find_immediate(code, user->size, ref->at - user->addr, ref, use) &&
		       !image_refs_in(img, ref->at - use->lead, ref->at, &n);
	if (ref->kind != REF_PCREL || !code)
		return false;
	at = insn_start(code, user->size, ref->at - user->addr, &insn);
	if (at < 0 || (ref->tail && image_refs_in(img, ref->at + 4, ref->at + 4 + ref->tail, &n)))
		return false;
	return (!ref->tail && read_use(code + at, use) && use->lead == insn.disp) || read_other(code + at, &insn, use);
}

/* As mov (%reg),%reg: at most 5 bytes. */
static unsigned put_dereference(const struct copied *use, uint8_t *out)
{
	unsigned low = use->reg & 7, n = 0;
	uint8_t rex = 0x40 | (use->wide ? 8 : 0) | (use->reg >= 8 ? 5 : 0);

	if (use->immediate)
		return 0;
	if (rex != 0x40)
		out[n++] = rex;
	memcpy(out + n, use->op, use->nop);
	n += use->nop;
	out[n++] = (low == 5 ? 0x40 : 0) | low << 3 | low;
	if (low == 4)
		out[n++] = 0x24;
	if (low == 5)
		out[n++] = 0;
	return n;
}

/* With a register that it keeps: lea -128(%rsp),%rsp; push; mov slot(%rip); the copy; pop; lea 128(%rsp),%rsp. */
static unsigned put_other(const struct copied *use, uint8_t *out, unsigned *slot)
{
	const uint8_t head[] = { 0x48, 0x8d, 0x64, 0x24, 0x80, 0x50 | use->scratch, 0x48, 0x8b, 0x05 | use->scratch << 3, 0, 0, 0, 0 };
	const uint8_t end[] = { 0x58 | use->scratch, 0x48, 0x8d, 0xa4, 0x24, 0x80, 0, 0, 0 };
	unsigned n = sizeof head;

	*slot = n - 4;
	memcpy(out, head, n);
	memcpy(out + n, use->copy, use->ncopy);
	n += use->ncopy;
	memcpy(out + n, end, sizeof end);
	return n + sizeof end;
}

unsigned copied_thunk(const struct copied *use, uint8_t *out, unsigned *slot)
{
	unsigned n = 7;

	memset(out, 0, THUNK_SIZE);
	if (use->other) {
		n = put_other(use, out, slot);
	} else {
		*slot = n - 4;
		out[0] = use->reg >= 8 ? 0x4c : 0x48;
		out[1] = 0x8b;
		out[2] = 0x05 | (use->reg & 7) << 3;
		n += put_dereference(use, out + n);
	}
	out[n++] = 0xe9;
	return n;
}

/* Of an indirect function that the program has for itself, static or not, the PLT entry is the address. */
static bool is_indirect(const struct diff *d, const char *import)
{
	const struct object *own = image_find(d->new, import);
	bool several;

	return (own && own->kind == OBJECT_IFUNC) || indirect_function(d, import, &several) || several;
}

/* The address of a library's function that is made without a slot: of its PLT entry. Where OLD's modules have the function's
 * own for it, the two compare unequal. */
bool is_other_address(const struct diff *d, const struct ref *ref)
{
	const struct image *old = d->old;
	struct plt *plt = image_plt_for(old, ref->import);

	return ref->lea && old->kind != IMAGE_STATIC && old->kind != IMAGE_STATIC_PIE && !is_indirect(d, ref->import) &&
	       !(plt && plt->canonical) && !hp_broken("import-addresses");
}

bool takes_slot(const struct diff *d, const struct ref *ref)
{
	struct copied use;

	if (ref->target == TARGET_OBJECT)
		return is_copied_import(ref->object) && !hp_broken("copied");
	return ref->target == TARGET_IMPORT && (ref->kind == REF_PCREL || ref->kind == REF_ABS32 || ref->kind == REF_ABS64) &&
	       image_plt_for(d->new, ref->import) && is_other_address(d, ref) && copied_use(d->new, ref, &use);
}

const char *slot_import(const struct ref *ref)
{
	return ref->target == TARGET_IMPORT ? ref->import : ref->object->copied;
}

/* ---- placing ----------------------------------------------------------------------------------------------------- */

static void refuse_use(struct layout *l, const struct ref *ref)
{
	refuse_add(l->d, CAUSE_IMPORT, where_in_new(l->d, ref->at), "it uses '%s' directly, for which OLD has no place",
		   slot_import(ref));
	l->failed = true;
}

static void need_thunk(struct layout *l, struct piece *p, const struct ref *ref, struct slot *slot,
		       const struct copied *use)
{
	struct piece *thunk = piece_new(l, PIECE_THUNK, 0, THUNK_SIZE);

	thunk->slot = slot;
	thunk->align = 16;
	thunk->item.code = true;
	thunk->item.name = concat(slot_import(ref), use->immediate ? "@address" : "@load", NULL);
	thunk->user = p;
	thunk->back = ref->at + 4 + ref->tail - p->item.source;
	thunk->copied = *use;
}

void copied_need(struct layout *l, struct piece *p, const struct ref *ref)
{
	struct slot *slot;
	struct copied use;

	if (ref->kind == REF_ABS64 && !p->item.code) {
		p->item.writable = true;
		return;
	}
	if (ref->kind != REF_GOT && !copied_use(l->d->new, ref, &use)) {
		refuse_use(l, ref);
		return;
	}
	slot = need_slot(l, slot_import(ref), NULL, ref->kind == REF_GOT ? 0 : ref->offset);
	if (ref->kind != REF_GOT && !use.lea && !use.word)
		need_thunk(l, p, ref, slot, &use);
}

static struct piece *thunk_of(struct layout *l, const struct piece *p, const struct ref *ref)
{
	uint32_t i;

	for (i = 0; i < l->npieces; i++)
		if (l->pieces[i]->kind == PIECE_THUNK && l->pieces[i]->user == p &&
		    l->pieces[i]->back == ref->at + 4 + ref->tail - p->item.source)
			return l->pieces[i];
	return NULL;
}

unsigned copied_word(const struct copied *use, uint8_t *out)
{
	const uint8_t code[] = { 0x48 | (use->reg & 8) >> 1, 0x8b, 0x05 | (use->reg & 7) << 3, 0, 0, 0, 0, 0x0f, 0x1f, 0 };

	memcpy(out, code, sizeof code);
	return 3;
}

/* The instruction of 64 bits whose field is at FIELD of P. */
static void write_load(struct piece *p, uint64_t field, const struct slot *slot, const struct ref *ref, const struct image *new)
{
	struct copied use;
	uint8_t *code;
	int32_t distance;
	unsigned at;

	copied_use(new, ref, &use);
	code = p->item.bytes + field - use.lead;
	at = copied_word(&use, code);
	distance = slot->addr - (p->item.addr + field - use.lead + at + 4);
	memcpy(code + at, &distance, 4);
}

/* Writes the field, and the bytes before it that belong to its instruction. */
void copied_write(struct layout *l, struct piece *p, const struct ref *ref)
{
	uint64_t off = ref->at - p->item.source, next = p->item.addr + off + 4;
	uint8_t *field = p->item.bytes + off;
	struct slot *slot = find_slot(l, slot_import(ref), NULL, ref->kind == REF_GOT ? 0 : ref->offset);
	struct piece *thunk = thunk_of(l, p, ref);
	int32_t distance;

	if (ref->kind == REF_ABS64 && p->item.code) {
		write_load(p, off, slot, ref, l->d->new);
		return;
	}
	if (ref->kind == REF_ABS64) {
		memset(field, 0, 8);
		add_bind(l, p->item.addr + off, ref->object->copied, ref->offset);
		return;
	}
	if (thunk) {
		field -= thunk->copied.lead;
		distance = thunk->item.addr - (next - 4 - thunk->copied.lead + 5);
		field[0] = 0xe9;
		memcpy(field + 1, &distance, 4);
		memset(field + 5, 0xcc, thunk->copied.lead - 1 + thunk->copied.tail);
		return;
	}
	if (ref->kind != REF_GOT)
		field[-2] = 0x8b;
	distance = slot->addr - next;
	memcpy(field, &distance, 4);
}

void write_thunk(struct layout *l, struct piece *p)
{
	uint8_t *out = p->item.bytes = xmalloc(THUNK_SIZE);
	unsigned slot, back = copied_thunk(&p->copied, out, &slot);
	int32_t distance = p->slot->addr - (p->item.addr + slot + 4);

	(void)l;
	memcpy(out + slot, &distance, 4);
	distance = p->user->item.addr + p->back - (p->item.addr + back + 4);
	memcpy(out + back, &distance, 4);
	memset(out + back + 4, 0xcc, THUNK_SIZE - back - 4);
}

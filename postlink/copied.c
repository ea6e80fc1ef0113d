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
 *   mov $_ZTISt12out_of_range,%esi     in a program at a fixed address: likewise, with the first mov alone
 *   mov $free,%edi                     of a function: likewise, where OLD's own PLT entry is not its address for all
 *
 * A pointer to it in data is a word that is bound. The thunk uses no stack and no other register; no unwind entry covers
 * it, which only a signal handler's backtrace could notice. Left out: any other instruction, which is refused.
 */
#include <string.h>
#include <libiberty/libiberty.h>

#include "insn.h"
#include "layout.h"

#define THUNK_SIZE 32

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

/* The N bytes at P are REX, or not, opcode, field: mov to a register of 32 bits, which clears the others. */
static bool read_immediate(const uint8_t *p, unsigned n, struct copied *use)
{
	uint8_t rex = (*p & 0xf0) == 0x40 ? *p++ : 0;

	*use = (struct copied){ .immediate = true, .lead = !!rex + 1, .reg = (*p & 7) | (rex & 1) << 3 };
	return (*p & 0xf8) == 0xb8 && !(rex & 8) && n == use->lead + 4;
}

/* The instruction of CODE that ends with the field at FIELD. */
static bool find_immediate(const uint8_t *code, size_t size, size_t field, struct copied *use)
{
	struct insn insn;

	for (size_t at = 0; at < field && insn_decode(code + at, size - at, &insn); at += insn.length)
		if (at + insn.length == field + 4)
			return read_immediate(code + at, insn.length, use);
	return false;
}

bool copied_use(const struct image *img, const struct ref *ref, struct copied *use)
{
	const struct object *user = image_object_at(img, ref->at);
	const uint8_t *code = user ? image_bytes(img, user->addr, user->size) : NULL;
	struct insn insn;
	long at;

	*use = (struct copied){ .lead = 0 };
	if (ref->kind == REF_ABS32 && code && is_code(user))
		return find_immediate(code, user->size, ref->at - user->addr, use);
	if (ref->kind != REF_PCREL || ref->tail || !code)
		return false;
	at = insn_start(code, user->size, ref->at - user->addr, &insn);
	return at >= 0 && read_use(code + at, use) && use->lead == insn.disp;
}

unsigned copied_dereference(const struct copied *use, uint8_t *out)
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

/* The address of a library's function that is made without a slot: of its PLT entry. Where OLD's modules have the function's
 * own for it, the two compare unequal. */
bool is_other_address(const struct diff *d, const struct ref *ref)
{
	const struct image *old = d->old;
	struct plt *plt = image_plt_for(old, ref->import);
	const struct object *own = image_find(d->new, ref->import);

	return ref->lea && old->kind != IMAGE_STATIC && old->kind != IMAGE_STATIC_PIE && !(own && own->kind == OBJECT_IFUNC) &&
	       !(plt && plt->canonical);
}

bool takes_slot(const struct diff *d, const struct ref *ref)
{
	struct copied use;

	if (ref->target == TARGET_OBJECT)
		return is_copied_import(ref->object);
	return ref->target == TARGET_IMPORT && (ref->kind == REF_PCREL || ref->kind == REF_ABS32) &&
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
	thunk->back = ref->at + 4 - p->item.source;
	thunk->copied = *use;
}

void copied_need(struct layout *l, struct piece *p, const struct ref *ref)
{
	struct slot *slot;
	struct copied use;

	if (ref->kind == REF_ABS64) {
		p->item.writable = true;
		return;
	}
	if (ref->kind != REF_GOT && !copied_use(l->d->new, ref, &use)) {
		refuse_use(l, ref);
		return;
	}
	slot = need_slot(l, slot_import(ref), NULL, ref->kind == REF_GOT ? 0 : ref->offset);
	if (ref->kind != REF_GOT && !use.lea)
		need_thunk(l, p, ref, slot, &use);
}

static struct piece *thunk_of(struct layout *l, const struct piece *p, const struct ref *ref)
{
	uint32_t i;

	for (i = 0; i < l->npieces; i++)
		if (l->pieces[i]->kind == PIECE_THUNK && l->pieces[i]->user == p &&
		    l->pieces[i]->back == ref->at + 4 - p->item.source)
			return l->pieces[i];
	return NULL;
}

/* Writes the field, and the bytes before it that belong to its instruction. */
void copied_write(struct layout *l, struct piece *p, const struct ref *ref)
{
	uint64_t off = ref->at - p->item.source, next = p->item.addr + off + 4;
	uint8_t *field = p->item.bytes + off;
	struct slot *slot = find_slot(l, slot_import(ref), NULL, ref->kind == REF_GOT ? 0 : ref->offset);
	struct piece *thunk = thunk_of(l, p, ref);
	int32_t distance;

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
		memset(field + 5, 0xcc, thunk->copied.lead - 1);
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
	int32_t distance = p->slot->addr - (p->item.addr + 7);
	unsigned n = 7;

	(void)l;
	memset(out, 0xcc, THUNK_SIZE);
	out[0] = p->copied.reg >= 8 ? 0x4c : 0x48;
	out[1] = 0x8b;
	out[2] = 0x05 | (p->copied.reg & 7) << 3;
	memcpy(out + 3, &distance, 4);
	n += copied_dereference(&p->copied, out + n);
	out[n++] = 0xe9;
	distance = p->user->item.addr + p->back - (p->item.addr + n + 4);
	memcpy(out + n, &distance, 4);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An object file, laid out and relocated in memory as a linker would: enough to compare it with another.
 *
 * Sections get addresses one after the other with a gap between them, those of thread-local data side by side. The
 * tables of the file, which is mapped for us alone, are changed to what a linked file with --emit-relocs has: symbols
 * and relocations count from address 0, and fields hold what their relocation says. There is no GOT and no PLT: reloc.c
 * takes the symbol of such a relocation for its target, and a symbol that is not defined here for an import.
 *
 * Where several functions share a section, the assembler has resolved the branches between them, and no relocation is
 * left. They are found by decoding, else every function behind a longer one would look changed.
 *
 * Left out: short branches (two bytes) from one function to another, symbols by SHN_XINDEX (more than 65,279
 * sections).
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "insn.h"
#include "read.h"

enum { BASE = 0x10000, GAP = 64 };

/* ---- what may be written to -------------------------------------------------------------------------------------- */

struct range { uint64_t start, end; };

static int by_start(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

/* Nothing in the file lies in something else: what is changed here was not checked as another thing before. */
static bool is_disjoint(const struct input *in)
{
	struct range *r = xmalloc((in->nshdr + 2ull) * sizeof *r);
	uint32_t n = 0;
	bool good = true;

	r[n++] = (struct range){ 0, sizeof *in->ehdr };
	r[n++] = (struct range){ in->ehdr->e_shoff, in->ehdr->e_shoff + (uint64_t)in->nshdr * sizeof *in->shdr };
	for (uint32_t i = 1; i < in->nshdr; i++)
		if (in->shdr[i].sh_type != SHT_NOBITS && in->shdr[i].sh_type != SHT_NULL && in->shdr[i].sh_size)
			r[n++] = (struct range){ in->shdr[i].sh_offset, in->shdr[i].sh_offset + in->shdr[i].sh_size };
	qsort(r, n, sizeof *r, by_start);
	for (uint32_t i = 1; i < n; i++)
		good &= r[i].start >= r[i - 1].end && r[i].end >= r[i].start;
	free(r);
	return good;
}

/* ---- sections ---------------------------------------------------------------------------------------------------- */

static Elf64_Shdr *header(const struct input *in, uint32_t i) { return (Elf64_Shdr *)&in->shdr[i]; }

static uint64_t place_section(Elf64_Shdr *h, uint64_t at, uint64_t gap)
{
	uint64_t align = h->sh_addralign && !(h->sh_addralign & (h->sh_addralign - 1)) ? h->sh_addralign : 1;

	h->sh_addr = (at + align - 1) & -align;
	return h->sh_addr + h->sh_size + gap;
}

bool relocatable_place(struct image *img)
{
	struct input *in = input_of(img);
	uint64_t at = BASE, end;

	for (uint32_t i = 1; i < in->nshdr; i++)
		if (in->shdr[i].sh_size > 1ull << 32 || in->shdr[i].sh_addralign > 1 << 24)
			return false;
	if (!is_disjoint(in))
		return false;
	for (uint32_t i = 1; i < in->nshdr; i++)
		if (in->shdr[i].sh_flags & SHF_ALLOC && !(in->shdr[i].sh_flags & SHF_TLS))
			at = place_section(header(in, i), at, GAP);
	img->tls_align = 64;
	img->tls_addr = end = (at + 63) & -64ull;
	for (uint32_t i = 1; i < in->nshdr; i++)
		if (in->shdr[i].sh_flags & SHF_ALLOC && in->shdr[i].sh_flags & SHF_TLS)
			end = place_section(header(in, i), end, 0);
	img->tls_size = end - img->tls_addr;
	return true;
}

/* ---- symbols ----------------------------------------------------------------------------------------------------- */

static bool is_placed(const struct input *in, uint32_t shndx)
{
	return shndx && shndx < SHN_LORESERVE && shndx < in->nshdr && in->shdr[shndx].sh_flags & SHF_ALLOC;
}

static void move_symbols(struct image *img)
{
	const struct input *in = input_of(img);
	Elf64_Sym *sym = (Elf64_Sym *)in->sym;

	for (uint32_t i = 1; i < in->nsym; i++) {
		if (sym[i].st_shndx == SHN_COMMON || sym[i].st_shndx == SHN_UNDEF)
			sym[i].st_value = 0;
		if (!is_placed(in, sym[i].st_shndx))
			continue;
		sym[i].st_value += in->shdr[sym[i].st_shndx].sh_addr;
		if (ELF64_ST_TYPE(sym[i].st_info) == STT_TLS)
			sym[i].st_value -= img->tls_addr;
	}
}

/* ---- relocations ------------------------------------------------------------------------------------------------- */

/* What the field of TYPE at P is to hold for S + A; *n: its bytes, 0 when reloc.c does without. */
static uint64_t field_value(const struct image *img, uint32_t type, uint64_t sa, uint64_t p, uint64_t size, unsigned *n)
{
	*n = 4;
	switch (type) {
	case R_X86_64_32: case R_X86_64_32S: return sa;
	case R_X86_64_PC32: case R_X86_64_PLT32: return sa - p;
	case R_X86_64_TPOFF32: return tls_offset(img, sa);
	case R_X86_64_DTPOFF32: return sa - img->tls_addr;
	case R_X86_64_SIZE32: return size;
	}
	*n = 8;
	switch (type) {
	case R_X86_64_64: return sa;
	case R_X86_64_PC64: return sa - p;
	case R_X86_64_TPOFF64: return tls_offset(img, sa);
	case R_X86_64_DTPOFF64: return sa - img->tls_addr;
	case R_X86_64_SIZE64: return size;
	}
	*n = 0;
	return 0;
}

static void relocate_field(const struct image *img, const Elf64_Shdr *target, Elf64_Rela *r)
{
	const struct input *in = input_of(img);
	uint32_t i = ELF64_R_SYM(r->r_info);
	const Elf64_Sym *sym = i < in->nsym ? &in->sym[i] : NULL;
	uint64_t at = r->r_offset, v;
	unsigned n;

	r->r_offset += target->sh_addr;
	if (!sym || target->sh_type == SHT_NOBITS)
		return;
	v = field_value(img, ELF64_R_TYPE(r->r_info), symbol_address(img, sym) + r->r_addend, r->r_offset,
			sym->st_size + r->r_addend, &n);
	if (n && !hp_broken("relocatable") && at < target->sh_size && n <= target->sh_size - at)
		memcpy(in->raw + target->sh_offset + at, &v, n);
}

static void relocate_sections(struct image *img)
{
	const struct input *in = input_of(img);

	for (uint32_t i = 1; i < in->nshdr; i++) {
		const Elf64_Shdr *h = &in->shdr[i];

		if (h->sh_type != SHT_RELA || h->sh_link != in->symtab || !is_placed(in, h->sh_info))
			continue;
		for (uint64_t k = 0; k < h->sh_size / sizeof(Elf64_Rela); k++)
			relocate_field(img, &in->shdr[h->sh_info], (Elf64_Rela *)(in->raw + h->sh_offset) + k);
	}
}

void relocatable_link(struct image *img)
{
	move_symbols(img);
	relocate_sections(img);
}

/* ---- branches without a relocation ------------------------------------------------------------------------------- */

static int by_at(const void *key, const void *member)
{
	uint64_t at = *(const uint64_t *)key, other = ((const struct ref *)member)->at;

	return at < other ? -1 : at > other;
}

/* The function behind the rel32 at AT, which is not FUNC itself; NULL: none. */
static struct object *branch_target(const struct image *img, const struct object *func, uint64_t at,
				    const uint8_t *field, uint64_t *addr)
{
	struct object *to;
	int32_t distance;

	memcpy(&distance, field, 4);
	*addr = at + 4 + distance;
	to = *addr - func->addr < func->size ? NULL : object_in(img, func->section, *addr);
	return to && to != func ? to : NULL;
}

/* Refs of FUNC, behind the sorted N that are there and M that were added. */
static uint32_t add_branches(const struct image *img, const struct object *func, struct ref *refs, uint32_t n,
			     uint32_t m)
{
	const uint8_t *code = image_bytes(img, func->addr, func->size);
	struct insn insn;

	for (uint64_t i = 0; code && i < func->size && insn_decode(code + i, func->size - i, &insn); i += insn.length) {
		uint64_t at = func->addr + i + insn.rel, addr;
		struct object *to;

		if (!insn.rel || bsearch(&at, refs, n, sizeof *refs, by_at) ||
		    !(to = branch_target(img, func, at, code + i + insn.rel, &addr)))
			continue;
		refs[n + m++] = (struct ref) {
			.at = at, .addr = addr, .offset = addr - to->addr, .object = to, .kind = REF_CALL,
			.target = TARGET_OBJECT, .size = 4, .type = R_X86_64_PC32,
		};
	}
	return m;
}

uint32_t relocatable_branches(const struct image *img, const struct section *s, struct ref *refs, uint32_t n)
{
	uint64_t done = 0;
	uint32_t m = 0;

	for (uint32_t i = s->first_object; s->exec && i < s->first_object + s->nobjects; i++) {
		const struct object *o = &img->objects[i];

		if (o->kind != OBJECT_FUNC || o->addr < done)
			continue;
		m = add_branches(img, o, refs, n, m);
		done = o->addr + o->size;
	}
	return m;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * References: every place in the loaded bytes that holds an address, what kind of field it is, and what it names.
 *
 * One relocation that the linker kept (--emit-relocs) makes one reference, see reloc.c; here they are gone through,
 * section by section. Added is what the assembler settled by itself (leap.c), and the branches of relocatable objects.
 *
 * Fields of jump tables count from the start of their table, which is no relocation's business. A table starts where an
 * instruction takes the address of a field; ref.addr is the case label then.
 *
 * Not looked at: .eh_frame (eh.c), the module's own note and registry, debug sections.
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "reloc.h"

/* ---- finding ----------------------------------------------------------------------------------------------------- */

const struct ref *image_refs_in(const struct image *img, uint64_t lo, uint64_t hi, uint32_t *n)
{
	const struct section *s = image_section_at(img, lo);
	const struct ref *base = s ? img->refs + s->first_ref : NULL;
	uint32_t first = 0, len = s ? s->nrefs : 0;

	*n = 0;
	while (len) {
		uint32_t half = len / 2;

		if (base[first + half].at < lo) {
			first += half + 1;
			len -= half + 1;
		} else {
			len = half;
		}
	}
	for (uint32_t i = first; s && i < s->nrefs && base[i].at < hi; i++)
		++*n;
	return *n ? base + first : NULL;
}

/* ---- one section ------------------------------------------------------------------------------------------------- */

static int by_at(const void *pa, const void *pb)
{
	const struct ref *a = pa, *b = pb;

	return a->at < b->at ? -1 : a->at > b->at;
}

static void sort_refs(struct ref *r, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++)
		if (r[i - 1].at > r[i].at) {
			qsort(r, n, sizeof *r, by_at);
			return;
		}
}

/* Symbols and objects lie anywhere: without this half of the time is spent waiting for them. */
static void look_ahead(const struct work *w)
{
	uint32_t sym;

	if (w->i + 32 >= w->nrela)
		return;
	/* A wild address does no harm here. */
	__builtin_prefetch((void *)((uintptr_t)w->s->bytes + (w->rela[w->i + 32].r_offset - w->s->addr)));
	sym = ELF64_R_SYM(w->rela[w->i + 32].r_info);
	if (sym < w->in->nsym) {
		__builtin_prefetch(&w->in->sym[sym]);
		__builtin_prefetch(&w->in->object_of[sym]);
	}
	sym = ELF64_R_SYM(w->rela[w->i + 16].r_info);
	if (sym < w->in->nsym && w->in->object_of[sym] - 1 < LITERAL - 1)
		__builtin_prefetch(&w->img->objects[w->in->object_of[sym] - 1]);
}

/* What the assembler settled. */
static void take_leaps(struct image *img, struct section *s)
{
	uint64_t done = 0;

	for (uint32_t i = s->first_object; s->exec && i < s->first_object + s->nobjects; i++) {
		const struct object *o = &img->objects[i];

		if (o->addr < done)
			continue;
		img->nrefs += leaps_take(img, o, img->refs + img->nrefs);
		done = o->addr + o->size;
	}
	s->nrefs = img->nrefs - s->first_ref;
	sort_refs(&img->refs[s->first_ref], s->nrefs);
}

static void take_section(struct image *img, struct section *s, const Elf64_Shdr *h)
{
	struct input *in = input_of(img);
	struct work w = { .img = img, .in = in, .s = s };

	w.rela = (const void *)(in->raw + h->sh_offset);
	w.nrela = h->sh_size / sizeof *w.rela;
	s->first_ref = img->nrefs;
	for (; w.i < w.nrela; w.i++) {
		look_ahead(&w);
		w.r = &img->refs[img->nrefs];
		img->nrefs += reloc_take(&w);
	}
	s->nrefs = img->nrefs - s->first_ref;
	sort_refs(&img->refs[s->first_ref], s->nrefs);
	if (img->kind != IMAGE_OBJECT)          /* relocatable.c wrote to them */
		pages_forget(w.rela, h->sh_size);
}

static void take_branches(struct image *img, struct section *s)
{
	uint32_t n = relocatable_branches(img, s, &img->refs[s->first_ref], s->nrefs);

	img->nrefs += n;
	s->nrefs += n;
	if (n)
		sort_refs(&img->refs[s->first_ref], s->nrefs);
}

/* The kept relocations of section S, NULL when there are none of interest. */
static const Elf64_Shdr *relocs_of(const struct input *in, const struct section *s, const uint32_t *rela_of)
{
	static const char *const own[] = { ".eh_frame", ".note.hotpatch", "hp_registry", "hp_arena", "hp_reserve" };

	if (!s->bytes || !(in->shdr[s->index].sh_flags & SHF_ALLOC) || !rela_of[s->index])
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (!strcmp(s->name, own[i]))
			return NULL;
	return &in->shdr[rela_of[s->index]];
}

/* ---- jump tables ------------------------------------------------------------------------------------------------- */

/* Bits for the bytes of one section: set where an instruction takes the address, among others at the starts of all jump
 * tables. Assembler code aligns them or not. */
static uint8_t *taken_places(const struct image *img, const struct section *s)
{
	uint8_t *bits = xcalloc(s->size / 8 + 1, 1);

	for (uint32_t i = 0; i < img->nrefs; i++) {
		const struct ref *r = &img->refs[i];
		uint64_t place = r->addr - s->addr;

		if (r->kind == REF_PCREL && r->target == TARGET_ANON && place < s->size)
			bits[place / 8] |= 1 << place % 8;
	}
	return bits;
}

static uint64_t counted_from(const struct ref *r, uint64_t start)
{
	return r->addr - (r->at - start);
}

/* The function, or part of one, that the table at START, whose fields begin with R, leads into. */
static struct object *table_owner(const struct image *img, const struct ref *r, const struct ref *end, uint64_t start)
{
	for (uint64_t next = start; r < end && r->at == next && r->kind == REF_PCREL_DATA; next += 4, r++) {
		uint64_t addr = counted_from(r, start);
		struct object *o = image_object_at(img, addr);

		if (o && o->section->exec && o->addr < addr)
			return o;
	}
	return NULL;
}

/* R is a field of a table at START: its target counts from there, if that is inside a function. Where the compiler knows
 * that nobody comes, it may be the end of OWNER, or a cold part without a byte. */
static void count_from(struct image *img, struct ref *r, uint64_t start, struct object *owner)
{
	uint64_t addr = counted_from(r, start);
	struct object *o = image_object_at(img, addr);
	const struct section *s = image_section_at(img, addr);

	if (owner && addr == owner->addr + owner->size)
		o = owner;
	else if (!o && s && s->exec)
		o = label_at(img, s, addr);
	if (!o || !o->section->exec)
		return;
	ref_to_object(r, o, addr);
	r->counted = true;
}

/* A table starts where its address is taken and ends where no field follows at once. */
static void settle_tables(struct image *img, const struct section *s)
{
	uint8_t *bits = NULL;
	uint64_t start = 0, next = 0;
	struct object *owner = NULL;
	struct ref *r = img->refs + s->first_ref, *end = r + s->nrefs;

	for (; r < end; r++) {
		uint64_t place = r->at - s->addr;

		if (r->kind != REF_PCREL_DATA)
			continue;
		bits = bits ? bits : taken_places(img, s);
		if (bits[place / 8] >> place % 8 & 1)
			owner = table_owner(img, r, end, start = r->at);
		else if (r->at != next)
			start = 0;
		next = r->at + 4;
		if (start && r->target != TARGET_IMPORT)
			count_from(img, r, start, owner);
	}
	free(bits);
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

/* Which refs lie in which object. Extents may overlap, so the end is searched for. */
static void give_refs(struct image *img, const struct section *s)
{
	const struct ref *r = img->refs + s->first_ref, *end = r + s->nrefs, *last = r;

	for (uint32_t i = s->first_object; i < s->first_object + s->nobjects; i++) {
		struct object *o = &img->objects[i];

		while (r < end && r->at < o->addr)
			r++;
		if (last < r)
			last = r;
		if (last > r && last[-1].at >= o->addr + o->size)
			last = r;
		while (last < end && last->at < o->addr + o->size)
			last++;
		o->first_ref = r - img->refs;
		o->nrefs = last - r;
	}
}

static uint32_t *index_relocs(const struct input *in, uint64_t *total)
{
	uint32_t *rela_of = xcalloc(in->nshdr, sizeof *rela_of);

	*total = 0;
	for (uint32_t i = 1; i < in->nshdr; i++) {
		const Elf64_Shdr *h = &in->shdr[i];

		if (h->sh_type != SHT_RELA || h->sh_flags & SHF_ALLOC || h->sh_link != in->symtab ||
		    h->sh_info >= in->nshdr || rela_of[h->sh_info])
			continue;
		rela_of[h->sh_info] = i;
		if (in->shdr[h->sh_info].sh_flags & SHF_ALLOC)
			*total += h->sh_size / sizeof(Elf64_Rela);
	}
	for (uint32_t i = 1; in->ehdr->e_type == ET_REL && i < in->nshdr; i++)
		*total += in->shdr[i].sh_flags & SHF_EXECINSTR ? in->shdr[i].sh_size / 5 : 0;   /* branches */
	return rela_of;
}

void refs_collect(struct image *img)
{
	struct input *in = input_of(img);
	uint64_t total;
	uint32_t *rela_of = index_relocs(in, &total);

	for (uint32_t i = 0; i < img->nobjects; i++)
		total += leaps_most(&img->objects[i]);
	img->refs = xmalloc((total + 1) * sizeof *img->refs);
	for (uint32_t i = 0; i < img->nsections; i++) {
		struct section *s = &img->sections[i];
		const Elf64_Shdr *h = relocs_of(in, s, rela_of);

		s->first_ref = img->nrefs;
		if (h)
			take_section(img, s, h);
		take_leaps(img, s);
		if (img->kind == IMAGE_OBJECT)
			take_branches(img, s);
	}
	free(rela_of);
	img->refs = xrealloc(img->refs, (img->nrefs + 1ull) * sizeof *img->refs);
	for (uint32_t i = 0; i < img->nsections; i++) {
		struct section *s = &img->sections[i];

		if (s->nrefs && !s->write && strncmp(s->name, ".gcc_except_table", 17))
			settle_tables(img, s);
		give_refs(img, s);
	}
}

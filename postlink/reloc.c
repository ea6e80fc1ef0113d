/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One relocation: what kind of field it is, and what the field names.
 *
 * Places come from the relocations that the linker kept (--emit-relocs), targets from the final bytes. The two differ:
 * the linker turns `mov f@GOTPCREL(%rip)` into `lea f(%rip)`, sends calls through the PLT, replaces whole TLS sequences
 * and leaves the relocations of the old ones behind. So each field is computed both ways. Where they agree the symbol
 * tells the target; where they do not, one of the known rewritings must explain the bytes: a PLT entry, a GOT slot with
 * the right contents, an offset from the thread pointer. What nothing explains is REF_UNKNOWN, never a guess.
 *
 *   cmpl $1, x+8(%rip)   83 3d <-- field, PC32 .bss+0x1f --> 01
 *       The addend counts from the field's end and the instruction ends one byte later: the target is
 *       P + 4 + 1 + field, in object x, offset 8.
 *
 * Most relocations name the section, not the symbol: gas replaces local symbols. Then the address decides. It lies in
 * the wrong object when the compiler folded a bias into it (`tab - 97`), or when it is one past the end; ref.edge says
 * where the latter may be. Where the relocation names a symbol, its object is the target even if the address is
 * outside.
 */
#include <string.h>
#include <libiberty/libiberty.h>
#include "reloc.h"

/* ---- small answers ----------------------------------------------------------------------------------------------- */

static uint64_t field_addr(const struct work *w) { return w->s->addr + w->at; }
static const uint8_t *field(const struct work *w) { return w->s->bytes + w->at; }
static int64_t addend(const struct work *w) { return w->rela[w->i].r_addend; }

static int64_t get32(const struct work *w)
{
	int32_t v;

	memcpy(&v, field(w), 4);
	return v;
}

static uint64_t get64(const struct work *w)
{
	uint64_t v;

	memcpy(&v, field(w), 8);
	return v;
}

static bool is_section_symbol(const struct work *w) { return ELF64_ST_TYPE(w->sym->st_info) == STT_SECTION; }
static bool is_undefined(const struct work *w) { return w->sym->st_shndx == SHN_UNDEF; }
static uint32_t symbol_index(const struct work *w) { return ELF64_R_SYM(w->rela[w->i].r_info); }

/* S of the relocation; 0 for a weak symbol that nobody defines, a TLS one too. */
static uint64_t value(const struct work *w)
{
	return is_undefined(w) ? w->sym->st_value : symbol_address(w->img, w->sym);
}

/* Is the symbol one whose references may go through a PLT entry or GOT slot even where the code does not ask? */
static bool may_be_elsewhere(const struct work *w)
{
	return is_undefined(w) || ELF64_ST_TYPE(w->sym->st_info) == STT_GNU_IFUNC ||
		(w->img->kind == IMAGE_SHARED && ELF64_ST_BIND(w->sym->st_info) != STB_LOCAL);
}

/* ---- targets ----------------------------------------------------------------------------------------------------- */

void ref_to_object(struct ref *r, struct object *o, uint64_t addr)
{
	r->target = TARGET_OBJECT;
	r->object = o;
	r->addr = addr;
	r->offset = addr - o->addr;
}

static void to_import(struct ref *r, const char *import, uint64_t addr, int64_t offset)
{
	r->target = TARGET_IMPORT;
	r->import = import;
	r->addr = addr;
	r->offset = offset;
}

static void to_place(struct ref *r, enum target_kind target, uint64_t addr)
{
	r->target = target;
	r->object = NULL;
	r->addr = addr;
	r->offset = 0;
}

/* The symbol is kept: equal bytes say nothing where they count from one thing to another, as to a function from the GOT. */
static void unknown(struct work *w)
{
	struct object *o = w->sym ? symbol_object(w->img, symbol_index(w)) : NULL;

	w->r->kind = REF_UNKNOWN;
	w->r->tail = 0;
	if (w->sym && is_undefined(w) && w->sym->st_name)
		to_import(w->r, import_named(w->img, input_name(w->in, w->sym->st_name)), 0, addend(w));
	else if (o || (w->sym && (o = image_object_at(w->img, value(w) + addend(w)))))
		ref_to_object(w->r, o, value(w) + addend(w));
	else
		to_place(w->r, TARGET_ANON, 0);
}

/* O starts at once where another one ends. */
static bool adjoins(const struct image *img, const struct object *o)
{
	const struct object *first = img->objects + o->section->first_object;

	while (o > first && !o[-1].size)
		o--;
	return o > first && o[-1].addr + o[-1].size == o->addr;
}

/* Do bytes without a name, other than padding, follow object O of S, up to the next one? */
static bool leaves_something(const struct image *img, const struct section *s, const struct object *o)
{
	const struct object *next = o + 1, *end = img->objects + s->first_object + s->nobjects;
	uint64_t at = o->addr + o->size, upto = s->addr + s->size;

	while (next < end && !next->size)
		next++;
	upto = next < end ? next->addr : upto;
	for (; s->bytes && at < upto; at++)
		if (s->bytes[at - s->addr] || (at % 8 == 0 && dynrel_at(input_of(img), at)))
			return true;
	return false;
}

/* What is read or written at a fixed address lies in bounds, and so does what an exception table names. */
static bool is_in_bounds(const struct work *w)
{
	return (w->r->kind == REF_PCREL && !w->r->lea) || !strncmp(w->s->name, ".gcc_except_table", 17);
}

/* A place in S without an object: the end of the variable before, a label of code, or bytes without a name. Where there
 * may be constants without names, in all that nobody writes to and, with -flto, elsewhere, too, a variable's end is hardly
 * ever meant: only .edge. */
static void to_nameless(struct work *w, struct section *s, uint64_t addr)
{
	struct object *before = addr > s->addr ? object_before(w->img, s, addr - 1) : NULL;
	struct object *label = s->exec ? label_at(w->img, s, addr) : NULL;

	if (label)
		ref_to_object(w->r, label, addr);
	else if (!before || s->exec || w->r->literal || before->addr + before->size != addr)
		to_place(w->r, TARGET_ANON, addr);
	else if (s->write && !s->relro && !leaves_something(w->img, s, before))
		ref_to_object(w->r, before, addr);
	else {
		to_place(w->r, TARGET_ANON, addr);
		w->r->edge = !is_in_bounds(w);
	}
}

/* By the address alone. */
static void to_address(struct work *w, uint64_t addr)
{
	struct section *s = image_section_at(w->img, addr);
	struct plt *plt = s && s->exec ? plt_at(w->img, addr) : NULL;
	struct object *o = s && !w->r->literal ? object_in(w->img, s, addr) : NULL;

	if (plt)
		to_import(w->r, plt->import, addr, 0);
	else if (o) {
		ref_to_object(w->r, o, addr);
		w->r->edge = is_section_symbol(w) && addr == o->addr && !is_in_bounds(w) && adjoins(w->img, o);
	} else if (s)
		to_nameless(w, s, addr);
	else if (is_section_symbol(w) && w->sym->st_shndx < w->in->nshdr && w->in->by_index[w->sym->st_shndx] &&
		 addr == value(w) + w->in->by_index[w->sym->st_shndx]->size)
		to_nameless(w, w->in->by_index[w->sym->st_shndx], addr);
	else
		to_place(w->r, TARGET_ABS, addr);
}

/* A symbol of an object file that other ones define. */
static bool is_foreign(const struct work *w)
{
	return w->img->kind == IMAGE_OBJECT && (is_undefined(w) || w->sym->st_shndx == SHN_COMMON) && w->sym->st_name;
}

/* By the symbol, after field and relocation were found to agree on ADDR. */
static void to_symbol(struct work *w, uint64_t addr)
{
	struct object *o = symbol_object(w->img, symbol_index(w));

	if (is_foreign(w)) {
		to_import(w->r, import_named(w->img, input_name(w->in, w->sym->st_name)), 0, addr - value(w));
		return;
	}
	w->r->literal = w->in->object_of[symbol_index(w)] == LITERAL;
	if (is_undefined(w) && !w->sym->st_value)
		to_place(w->r, TARGET_NOTHING, addr);
	else if (w->sym->st_shndx == SHN_ABS)
		to_place(w->r, TARGET_ABS, addr);
	else if (o && o->kind == OBJECT_LABEL && o->section->exec && image_object_at(w->img, addr))
		to_address(w, addr);
	else if (o)
		ref_to_object(w->r, o, addr);
	else
		to_address(w, addr);
	if (w->r->literal && w->r->target == TARGET_ANON && addr >= value(w))
		w->r->offset = addr - value(w);
}

/* A PLT entry whose slot holds 0 for good: a weak symbol that nobody defines. */
static bool is_empty_plt(const struct work *w, uint64_t addr)
{
	const struct section *s = image_section_at(w->img, addr);
	const struct got *g;
	uint32_t size;

	if (!is_undefined(w) || !s || !is_plt(s))
		return false;
	g = plt_slot(w->img, s, addr - s->addr, &size);
	return g && !g->import && !g->value;
}

/* The field names ADDR; AGREED: so does the relocation. */
static void resolve(struct work *w, uint64_t addr, bool agreed)
{
	struct plt *plt = !agreed && may_be_elsewhere(w) ? plt_at(w->img, addr) : NULL;

	if (agreed)
		to_symbol(w, addr);
	else if (plt)
		to_import(w->r, plt->import, addr, 0);
	else if (is_empty_plt(w, addr))
		to_place(w->r, TARGET_NOTHING, 0);
	else
		unknown(w);
}

/* A variable of the TLS image, for field and relocation that agree on ADDR. */
static void resolve_tls(struct work *w, uint64_t addr)
{
	struct object *o = symbol_object(w->img, symbol_index(w));

	o = o && o->kind == OBJECT_TLS ? o : tls_object_at(w->img, addr);
	if (is_foreign(w))
		to_symbol(w, addr);
	else if (is_undefined(w))
		to_place(w->r, TARGET_NOTHING, 0);
	else if (o)
		ref_to_object(w->r, o, addr);
	else
		to_place(w->r, TARGET_ANON, addr);
}

/* ---- fields of instructions -------------------------------------------------------------------------------------- */

/* Where the decoder may start: behind the instruction of the last field, or at the start of the function. */
static uint64_t code_start(const struct work *w)
{
	const struct object *o;

	if (w->start && w->start <= w->at && w->at - w->start < 256)
		return w->start;
	o = image_object_at(w->img, field_addr(w));
	return o && o->section == w->s ? o->addr - w->s->addr : w->at > 32 ? w->at - 32 : 0;
}

/* Sets tail, lea and kind of a field relative to %rip; false when there is no such instruction. */
static bool pcrel_insn(struct work *w)
{
	uint64_t start = code_start(w);
	bool lea, branch;
	int tail = insn_tail(w->s->bytes + start, w->at - start, w->s->size - start, &lea, &branch);

	if (tail < 0) {
		w->start = 0;
		return false;
	}
	w->r->kind = branch ? REF_CALL : REF_PCREL;
	w->r->tail = tail;
	w->r->lea = lea;
	w->start = w->at + 4 + tail;
	return true;
}

static uint64_t pcrel_target(const struct work *w)
{
	return field_addr(w) + 4 + w->r->tail + get32(w) + hp_broken("refs");
}

/* A field in data that holds S + A - P. */
static void distance(struct work *w, int64_t v, unsigned size, enum ref_kind kind)
{
	uint64_t want = value(w) + addend(w) - field_addr(w);

	w->r->kind = kind;
	w->r->size = size;
	resolve(w, field_addr(w) + v, size == 8 ? (uint64_t)v == want : (uint32_t)v == (uint32_t)want);
}

/* R_X86_64_PC32, PLT32. */
static void pcrel(struct work *w)
{
	if (!w->s->exec || !pcrel_insn(w)) {
		distance(w, get32(w), 4, REF_PCREL_DATA);
		return;
	}
	resolve(w, pcrel_target(w), (uint32_t)get32(w) == (uint32_t)(value(w) + addend(w) - field_addr(w)));
}

/* A GOT slot of the relocation's symbol. Local ones must hold its address. */
static void to_slot(struct work *w, const struct got *g, bool tls)
{
	bool agreed = is_undefined(w) ? !g->value : g->value == value(w);

	if (g->import)
		to_import(w->r, g->import, g->addr, 0);
	else if (!tls)
		resolve(w, g->value, agreed);
	else if (agreed)
		resolve_tls(w, g->value);
	else
		unknown(w);
}

/* In an object file, where there are no slots. */
static void through_nothing(struct work *w, enum ref_kind kind)
{
	w->r->kind = kind;
	if (kind == REF_TLSLD)
		to_place(w->r, TARGET_NOTHING, 0);
	else if (kind == REF_GOT)
		to_symbol(w, value(w));
	else
		resolve_tls(w, value(w));
}

static void through_got(struct work *w, enum ref_kind kind, int holds)
{
	struct got *g = got_at(w->img, pcrel_target(w));

	if (w->img->kind == IMAGE_OBJECT) {
		through_nothing(w, kind);
		return;
	}

	/* Only the relocation tells a pair for the whole module from one for its first variable. */
	if (g && holds == GOT_TLSLD && g->holds == GOT_TLSGD && !g->import)
		g->holds = GOT_TLSLD;
	if (!g || (int)g->holds != holds) {
		unknown(w);
		return;
	}
	w->r->kind = kind;
	if (kind == REF_TLSLD)
		to_place(w->r, TARGET_NOTHING, 0);
	else
		to_slot(w, g, kind != REF_GOT);
}

/* R_X86_64_GOTPCREL and the relaxable ones: a slot, or, with linkers that do not tell, what it would have held. */
static void got(struct work *w)
{
	if (!pcrel_insn(w))
		unknown(w);
	else if (w->img->kind != IMAGE_OBJECT && (w->r->kind == REF_CALL || w->r->lea))
		resolve(w, pcrel_target(w), pcrel_target(w) == value(w));
	else
		through_got(w, REF_GOT, GOT_ADDRESS);
}

/* R_X86_64_32, 32S. */
static void absolute32(struct work *w, bool sign)
{
	uint64_t v = sign ? (uint64_t)get32(w) : (uint32_t)get32(w);

	w->r->kind = sign ? REF_ABS32S : REF_ABS32;
	w->r->lea = true;
	resolve(w, v, (uint32_t)v == (uint32_t)(value(w) + addend(w)));
}

/* ---- fields of TLS code ------------------------------------------------------------------------------------------ */

/* An offset from the thread pointer, or with DTPOFF from the module's block: bytes decide, the address must fit. */
static void tls_value(struct work *w, int64_t v, uint64_t want, unsigned size)
{
	uint64_t mask = size == 4 ? 0xffffffff : -1ull;
	bool local = !((tls_offset(w->img, want) ^ v) & mask), within = !(((want - w->img->tls_addr) ^ v) & mask);

	w->r->size = size;
	if (local && w->img->kind != IMAGE_SHARED)
		w->r->kind = size == 4 ? REF_TPOFF32 : REF_TPOFF64;
	else if (within)
		w->r->kind = size == 4 ? REF_DTPOFF32 : REF_DTPOFF64;
	else {
		unknown(w);
		return;
	}
	resolve_tls(w, want);
}

/* mov $imm32,%reg or lea imm32(%reg),%reg or add $imm32,%reg: what IE and descriptors become in executables. */
static bool is_immediate(const struct work *w)
{
	const uint8_t *p = field(w);

	return w->at >= 3 && (p[-3] & 0xf8) == 0x48 &&
		((p[-2] == 0xc7 && (p[-1] & 0xf8) == 0xc0) || (p[-2] == 0x81 && (p[-1] & 0xf8) == 0xc0) ||
		 (p[-2] == 0x8d && (p[-1] & 0xc0) == 0x80));
}

/* R_X86_64_GOTTPOFF: a slot, or the immediate that replaced it. */
static void tls_initial(struct work *w)
{
	if (is_immediate(w)) {
		tls_value(w, get32(w), value(w) + addend(w) + 4, 4);
		w->start = w->at + 4;
	} else if (pcrel_insn(w))
		through_got(w, REF_GOT_TPOFF, GOT_TPOFF);
	else
		unknown(w);
}

/* R_X86_64_GOTPC32_TLSDESC: lea desc(%rip); or mov slot(%rip), or mov $imm. */
static void tls_descriptor(struct work *w)
{
	if (is_immediate(w)) {
		tls_value(w, get32(w), value(w) + addend(w) + 4, 4);
		w->start = w->at + 4;
	} else if (!pcrel_insn(w))
		unknown(w);
	else if (w->r->lea)
		through_got(w, REF_TLSDESC, GOT_TLSDESC);
	else
		through_got(w, REF_GOT_TPOFF, GOT_TPOFF);
}

/* The call of __tls_get_addr belongs to a sequence that is gone: pass over its relocation, at most FAR bytes on. */
static void skip_call(struct work *w, uint64_t far)
{
	if (w->i + 1 < w->nrela && w->rela[w->i + 1].r_offset - field_addr(w) <= far)
		w->i++;
}

static bool bytes_are(const struct work *w, int64_t off, const void *bytes, size_t n)
{
	return (int64_t)w->at + off >= 0 && w->at + off + n <= w->s->size && !memcmp(field(w) + off, bytes, n);
}

#define MOV_FS0 "\x64\x48\x8b\x04\x25\0\0\0\0"

/* R_X86_64_TLSGD. In executables the 16 bytes become mov %fs:0,%rax and, with the field 8 bytes further on, either
 * add slot(%rip),%rax or lea imm(%rax),%rax. */
static void tls_general(struct work *w)
{
	int64_t a = addend(w) + 4;

	if (!bytes_are(w, -4, MOV_FS0, 9)) {
		if (pcrel_insn(w) && w->r->lea)
			through_got(w, REF_TLSGD, GOT_TLSGD);
		else
			unknown(w);
		return;
	}
	if (w->s->size - w->at < 12) {
		unknown(w);
		return;
	}
	w->at += 8;
	w->r->at += 8;
	w->start = w->at + 4;
	if (bytes_are(w, -3, "\x48\x8d\x80", 3))
		tls_value(w, get32(w), value(w) + a, 4);
	else if (bytes_are(w, -3, "\x48\x03\x05", 3))
		through_got(w, REF_GOT_TPOFF, GOT_TPOFF);
	else
		unknown(w);
	skip_call(w, 0);
}

/* R_X86_64_TLSLD. In executables the sequence becomes mov %fs:0,%rax with prefixes, and no field is left. */
static bool tls_local(struct work *w)
{
	if (bytes_are(w, -3, "\x66\x66\x66" MOV_FS0, 12) || bytes_are(w, -3, "\x66\x66\x66\x66" MOV_FS0, 13)) {
		skip_call(w, 6);
		w->start = 0;
		return false;
	}
	if (pcrel_insn(w) && w->r->lea)
		through_got(w, REF_TLSLD, GOT_TLSLD);
	else
		unknown(w);
	return true;
}

/* ---- fields of data ---------------------------------------------------------------------------------------------- */

static void by_dynrel(struct work *w, const struct dynrel *d)
{
	const char *import;

	switch (d->type) {
	case R_X86_64_RELATIVE:
		resolve(w, d->addend, (uint64_t)d->addend == value(w) + addend(w));
		return;
	case R_X86_64_IRELATIVE:
		import = ifunc_import(w->img, d->addend);
		break;
	case R_X86_64_64: case R_X86_64_GLOB_DAT:
		import = dynsym_import(w->img, d->sym);
		break;
	default:
		import = NULL;
	}
	if (import)
		to_import(w->r, import, 0, d->type == R_X86_64_64 ? d->addend : 0);
	else
		unknown(w);
}

/* R_X86_64_64. */
static void absolute64(struct work *w)
{
	const struct dynrel *d = w->in->ndynrels ? dynrel_at(w->in, field_addr(w)) : NULL;

	w->r->kind = REF_ABS64;
	w->r->size = 8;
	w->r->lea = true;
	if (d)
		by_dynrel(w, d);
	else
		resolve(w, get64(w), get64(w) == value(w) + addend(w));
}

/* R_X86_64_TPOFF64, DTPOFF64 as data. */
static void tls_data(struct work *w)
{
	const struct dynrel *d = dynrel_at(w->in, field_addr(w));
	const char *import = d ? dynsym_import(w->img, d->sym) : NULL;

	if (!d) {
		tls_value(w, get64(w), value(w) + addend(w), 8);
		return;
	}
	w->r->size = 8;
	w->r->kind = d->type == R_X86_64_TPOFF64 ? REF_TPOFF64 : REF_DTPOFF64;
	if (d->type != R_X86_64_TPOFF64 && d->type != R_X86_64_DTPOFF64)
		unknown(w);
	else if (import)
		to_import(w->r, import, 0, d->addend);
	else
		resolve_tls(w, w->img->tls_addr + d->addend);
}

/* Distances to and from the GOT's base, of the larger code models. Object files have none yet. */
static void to_got(struct work *w, int64_t v)
{
	w->r->kind = REF_GOTPC;
	if (w->img->kind != IMAGE_OBJECT && (!w->in->got || (uint64_t)v != w->in->got + addend(w) - field_addr(w))) {
		unknown(w);
		return;
	}
	to_place(w->r, TARGET_NOTHING, 0);
	w->r->offset = addend(w);
}

static void from_got(struct work *w)
{
	uint64_t target = value(w) + addend(w);

	w->r->kind = REF_GOTOFF;
	w->r->lea = true;
	if (w->img->kind == IMAGE_OBJECT)
		to_symbol(w, target);
	else if (w->in->got)
		resolve(w, w->in->got + get64(w), w->in->got + get64(w) == target);
	else
		unknown(w);
}

static void size_of_symbol(struct work *w, unsigned size)
{
	uint64_t v = size == 4 ? (uint32_t)get32(w) : get64(w);

	w->r->kind = REF_SIZE;
	w->r->size = size;
	if (v == w->sym->st_size + addend(w))
		to_symbol(w, value(w));
	else
		unknown(w);
}

/* ---- one relocation ---------------------------------------------------------------------------------------------- */

/* Bytes of the field; 0: relocations that leave no field behind. */
static unsigned field_size(uint32_t type)
{
	switch (type) {
	case R_X86_64_NONE: case R_X86_64_TLSDESC_CALL: case R_X86_64_COPY: return 0;
	case R_X86_64_64: case R_X86_64_PC64: case R_X86_64_TPOFF64: case R_X86_64_DTPOFF64: case R_X86_64_DTPMOD64:
	case R_X86_64_GOTOFF64: case R_X86_64_GOTPC64: case R_X86_64_SIZE64: case R_X86_64_GOT64:
	case R_X86_64_GOTPCREL64: case R_X86_64_GOTPLT64: case R_X86_64_PLTOFF64: return 8;
	case R_X86_64_16: case R_X86_64_PC16: return 2;
	case R_X86_64_8: case R_X86_64_PC8: return 1;
	}
	return 4;
}

/* False when the relocation stands for nothing that is left. */
static bool take(struct work *w, uint32_t type)
{
	switch (type) {
	case R_X86_64_PC32: case R_X86_64_PLT32: pcrel(w); break;
	case R_X86_64_GOTPCREL: case R_X86_64_GOTPCRELX: case R_X86_64_REX_GOTPCRELX: got(w); break;
	case R_X86_64_32: absolute32(w, false); break;
	case R_X86_64_32S: absolute32(w, true); break;
	case R_X86_64_64: absolute64(w); break;
	case R_X86_64_PC64: distance(w, get64(w), 8, REF_PC64); break;
	case R_X86_64_GOTTPOFF: tls_initial(w); break;
	case R_X86_64_TLSGD: tls_general(w); break;
	case R_X86_64_TLSLD: return tls_local(w);
	case R_X86_64_GOTPC32_TLSDESC: tls_descriptor(w); break;
	case R_X86_64_TPOFF32: case R_X86_64_DTPOFF32: tls_value(w, get32(w), value(w) + addend(w), 4); break;
	case R_X86_64_TPOFF64: case R_X86_64_DTPOFF64: tls_data(w); break;
	case R_X86_64_GOTOFF64: from_got(w); break;
	case R_X86_64_GOTPC32: to_got(w, get32(w)); break;
	case R_X86_64_GOTPC64: to_got(w, get64(w)); break;
	case R_X86_64_SIZE32: size_of_symbol(w, 4); break;
	case R_X86_64_SIZE64: size_of_symbol(w, 8); break;
	default: unknown(w);
	}
	return true;
}

bool reloc_take(struct work *w)
{
	const Elf64_Rela *rela = &w->rela[w->i];
	uint32_t type = ELF64_R_TYPE(rela->r_info), sym = ELF64_R_SYM(rela->r_info);
	unsigned size = field_size(type);

	w->at = rela->r_offset - w->s->addr;
	if (!size || w->at >= w->s->size || w->s->size - w->at < size)
		return false;
	*w->r = (struct ref) { .at = rela->r_offset, .size = size, .type = type };
	w->sym = NULL;
	if (sym >= w->in->nsym) {
		unknown(w);
		return true;
	}
	w->sym = &w->in->sym[sym];
	return take(w, type);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the loader does with an image: dynamic symbols and relocations, and from them what each GOT slot holds and to
 * which import each PLT entry jumps.
 *
 * An import is "name" or "name@VERSION", taken from .dynsym and its version tables and nowhere else, so that PLT
 * entries, GOT slots and data words agree; equal names are one pointer. A symbol that this module defines and calls
 * through its PLT, because another module may take it over, is an import like any other. An IFUNC of the module itself
 * is an import by its own name.
 *
 * A GOT slot is what its dynamic relocation says. Without one its contents count: an address in executables that are
 * not relocated, an offset from the thread pointer in any executable, or 0 for a weak symbol that nobody defines. PLT
 * entries are found by their `jmp *slot(%rip)` (ff 25), which all of .plt, .plt.got and .plt.sec have; the entries of
 * .plt under IBT have none and are never called.
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include <libiberty/hashtab.h>
#include "read.h"

/* ---- names ------------------------------------------------------------------------------------------------------- */

static hashval_t hash_of(const void *p) { return htab_hash_string(p); }
static int equal(const void *a, const void *b) { return !strcmp(a, b); }

/* The one copy of S in this image; takes S over. */
static const char *intern(const struct image *img, char *s)
{
	struct input *in = input_of(img);
	void **slot;

	if (!in->interned)
		in->interned = htab_create(256, hash_of, equal, free);
	slot = htab_find_slot(in->interned, s, INSERT);
	if (*slot)
		free(s);
	else
		*slot = s;
	return *slot;
}

static const char *dynamic_name(const struct input *in, uint64_t off)
{
	return off < in->ndynstr ? in->dynstr + off : "";
}

const char *import_named(const struct image *img, const char *name)
{
	return intern(img, xstrdup(name));
}

const char *dynsym_import(const struct image *img, uint32_t i)
{
	const struct input *in = input_of(img);
	const char *name, *version = NULL;

	if (!i || i >= in->ndynsym || !*(name = dynamic_name(in, in->dynsym[i].st_name)))
		return NULL;
	if (in->versym && (in->versym[i] & 0x7fff) < in->nversions)
		version = in->versions[in->versym[i] & 0x7fff];
	return intern(img, version ? concat(name, "@", version, NULL) : xstrdup(name));
}

const char *ifunc_import(const struct image *img, uint64_t addr)
{
	struct object *o = image_object_at(img, addr);

	return o && o->addr == addr && o->kind == OBJECT_IFUNC ? intern(img, xstrdup(o->name)) : NULL;
}

static void set_version(struct input *in, uint32_t index, const char *name)
{
	index &= 0x7fff;
	if (index >= in->nversions) {
		in->versions = xrealloc(in->versions, (index + 1) * sizeof *in->versions);
		while (in->nversions <= index)
			in->versions[in->nversions++] = NULL;
	}
	in->versions[index] = *name ? name : NULL;
}

/* Versions of other modules: one Verneed for each of them, with its Vernaux. */
static void read_verneed(struct input *in, const uint8_t *p, uint64_t size, uint32_t n)
{
	uint64_t at = 0;

	for (Elf64_Verneed need; n && at <= size && size - at >= sizeof need; n--, at += need.vn_next) {
		uint64_t aux;

		memcpy(&need, p + at, sizeof need);
		aux = at + need.vn_aux;
		for (Elf64_Vernaux v; need.vn_cnt && aux <= size && size - aux >= sizeof v; need.vn_cnt--) {
			memcpy(&v, p + aux, sizeof v);
			set_version(in, v.vna_other, dynamic_name(in, v.vna_name));
			aux += v.vna_next;
		}
		if (!need.vn_next)
			break;
	}
}

/* Versions of its own. The base version is the module's name: no version of a symbol. */
static void read_verdef(struct input *in, const uint8_t *p, uint64_t size, uint32_t n)
{
	uint64_t at = 0;

	for (Elf64_Verdef def; n && at <= size && size - at >= sizeof def; n--, at += def.vd_next) {
		Elf64_Verdaux v;

		memcpy(&def, p + at, sizeof def);
		if (!(def.vd_flags & VER_FLG_BASE) && at + def.vd_aux <= size && size - at - def.vd_aux >= sizeof v) {
			memcpy(&v, p + at + def.vd_aux, sizeof v);
			set_version(in, def.vd_ndx, dynamic_name(in, v.vda_name));
		}
		if (!def.vd_next)
			break;
	}
}

static void read_dynsym(struct input *in)
{
	for (uint32_t i = 1; i < in->nshdr; i++) {
		const Elf64_Shdr *h = &in->shdr[i], *names = &in->shdr[h->sh_link];

		if (h->sh_type != SHT_DYNSYM || names->sh_type != SHT_STRTAB || in->dynsym)
			continue;
		in->dynsym = (const void *)input_bytes(in, i);
		in->ndynsym = h->sh_size / sizeof *in->dynsym;
		in->dynstr = (const char *)input_bytes(in, h->sh_link);
		in->ndynstr = names->sh_size;
	}
	for (uint32_t i = 1; i < in->nshdr && in->dynsym; i++) {
		const Elf64_Shdr *h = &in->shdr[i];

		if (h->sh_type == SHT_GNU_versym && h->sh_size / 2 >= in->ndynsym)
			in->versym = (const void *)input_bytes(in, i);
		if (h->sh_type == SHT_GNU_verneed)
			read_verneed(in, input_bytes(in, i), h->sh_size, h->sh_info);
		if (h->sh_type == SHT_GNU_verdef)
			read_verdef(in, input_bytes(in, i), h->sh_size, h->sh_info);
	}
}

static void mark_label(struct image *img, const char *name, uint64_t addr)
{
	struct section *s = image_section_at(img, addr);
	struct object *o = s ? label_at(img, s, addr) : NULL, *end = img->objects + img->nobjects;

	for (; o && o < end && o->addr == addr && !o->size; o++)
		if (!strcmp(o->name, name))
			o->exported = true;
}

bool image_dynamic(const struct image *img, int64_t tag, uint32_t n, uint64_t *value)
{
	const struct section *dynamic = image_section_named(img, ".dynamic");
	Elf64_Dyn d;

	for (uint64_t i = 0; dynamic && dynamic->bytes && i + sizeof d <= dynamic->size; i += sizeof d) {
		memcpy(&d, dynamic->bytes + i, sizeof d);
		if (d.d_tag != tag || n--)
			continue;
		*value = d.d_un.d_val;
		return true;
	}
	return false;
}

const char *image_dynamic_name(const struct image *img, int64_t tag, uint32_t n)
{
	const struct section *names = image_section_named(img, ".dynstr");
	uint64_t at;

	return image_dynamic(img, tag, n, &at) && names && names->bytes && at < names->size ? (const char *)names->bytes + at : NULL;
}

/* Marks what other modules can see. */
static void mark_exported(struct image *img)
{
	const struct input *in = input_of(img);

	for (uint32_t i = 1; i < in->ndynsym; i++) {
		const Elf64_Sym *s = &in->dynsym[i];
		const char *name = dynamic_name(in, s->st_name);
		bool tls = ELF64_ST_TYPE(s->st_info) == STT_TLS;
		uint64_t addr = symbol_address(img, s);
		struct object *o;

		if (!s->st_shndx || s->st_shndx >= SHN_LORESERVE || ELF64_ST_BIND(s->st_info) == STB_LOCAL)
			continue;
		o = tls ? tls_object_at(img, addr) : image_object_at(img, addr);
		if (!o || o->addr != addr) {
			mark_label(img, name, addr);
			continue;
		}
		o->exported = true;
		for (struct alias *a = o->aliases; a; a = a->next)
			if (is_called(a->name, name))
				a->exported = true;
	}
}

/* ---- relocations ------------------------------------------------------------------------------------------------- */

static int by_at(const void *pa, const void *pb)
{
	const struct dynrel *a = pa, *b = pb;

	return a->at < b->at ? -1 : a->at > b->at;
}

static struct dynrel *more_dynrels(struct input *in, uint64_t n)
{
	in->dynrels = xrealloc(in->dynrels, (in->ndynrels + n + 1) * sizeof *in->dynrels);
	return in->dynrels + in->ndynrels;
}

static void read_rela(struct input *in, uint32_t i)
{
	const Elf64_Rela *r = (const void *)input_bytes(in, i);
	uint64_t n = in->shdr[i].sh_size / sizeof *r;
	struct dynrel *d = more_dynrels(in, n);

	for (uint64_t k = 0; k < n; k++)
		d[k] = (struct dynrel) {
			r[k].r_offset, r[k].r_addend, ELF64_R_TYPE(r[k].r_info), ELF64_R_SYM(r[k].r_info)
		};
	in->ndynrels += n;
}

static void add_relative(struct image *img, uint64_t at)
{
	struct input *in = input_of(img);
	const uint8_t *p = image_bytes(img, at, 8);
	struct dynrel *d = more_dynrels(in, 1);

	if (!p)
		return;
	*d = (struct dynrel) { at, 0, R_X86_64_RELATIVE, 0 };
	memcpy(&d->addend, p, 8);
	in->ndynrels++;
}

/* SHT_RELR: an address, then bitmaps of the 63 words that follow what came before. */
static void read_relr(struct image *img, uint32_t i)
{
	const uint64_t *e = (const void *)input_bytes(input_of(img), i);
	uint64_t n = input_of(img)->shdr[i].sh_size / 8, at = 0;

	for (uint64_t k = 0; k < n; k++) {
		if (!(e[k] & 1)) {
			add_relative(img, e[k]);
			at = e[k] + 8;
			continue;
		}
		for (int bit = 1; bit < 64; bit++)
			if (e[k] >> bit & 1)
				add_relative(img, at + 8 * (bit - 1));
		at += 8 * 63;
	}
}

static void read_dynrels(struct image *img)
{
	struct input *in = input_of(img);
	bool sorted = true;

	for (uint32_t i = 1; i < in->nshdr; i++) {
		if (!(in->shdr[i].sh_flags & SHF_ALLOC))
			continue;
		if (in->shdr[i].sh_type == SHT_RELA)
			read_rela(in, i);
		if (in->shdr[i].sh_type == SHT_RELR)
			read_relr(img, i);
	}
	for (uint32_t i = 1; i < in->ndynrels && sorted; i++)
		sorted = in->dynrels[i - 1].at <= in->dynrels[i].at;
	if (!sorted)
		qsort(in->dynrels, in->ndynrels, sizeof *in->dynrels, by_at);
}

const struct dynrel *dynrel_at(const struct input *in, uint64_t addr)
{
	uint32_t lo = 0, hi = in->ndynrels;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (in->dynrels[mid].at < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < in->ndynrels && in->dynrels[lo].at == addr ? &in->dynrels[lo] : NULL;
}

/* ---- GOT --------------------------------------------------------------------------------------------------------- */

int64_t tls_offset(const struct image *img, uint64_t addr)
{
	uint64_t align = img->tls_align ? img->tls_align : 1;

	return addr - img->tls_addr - (img->tls_size + align - 1) / align * align;
}

uint64_t tls_address(const struct image *img, int64_t tpoff)
{
	return tpoff - tls_offset(img, 0);
}

static bool is_executable(const struct image *img) { return img->kind != IMAGE_SHARED; }
static bool has_base(const struct image *img) { return img->kind != IMAGE_EXEC && img->kind != IMAGE_STATIC; }

/* The second word of a DTPMOD64 pair: which variable. */
static void got_pair(const struct image *img, struct got *g, const struct dynrel *first, uint64_t word)
{
	const struct dynrel *second = dynrel_at(input_of(img), g->addr + 8);

	g->holds = GOT_TLSGD;
	g->import = dynsym_import(img, first->sym);
	if (second && second->type == R_X86_64_DTPOFF64)
		word = second->addend;
	g->value = g->import ? 0 : img->tls_addr + word;
}

static bool binds_now(const struct image *img)
{
	uint64_t flags = 0, flags_1 = 0, now;

	image_dynamic(img, DT_FLAGS, 0, &flags);
	image_dynamic(img, DT_FLAGS_1, 0, &flags_1);
	return flags & DF_BIND_NOW || flags_1 & DF_1_NOW || image_dynamic(img, DT_BIND_NOW, 0, &now);
}

static bool got_by_rel(const struct image *img, struct got *g, const struct dynrel *r, uint64_t next)
{
	g->import = dynsym_import(img, r->sym);
	switch (r->type) {
	case R_X86_64_GLOB_DAT: case R_X86_64_JUMP_SLOT: case R_X86_64_64:
		g->holds = GOT_ADDRESS;
		return g->import;
	case R_X86_64_RELATIVE:
		g->holds = GOT_ADDRESS;
		g->import = NULL;
		g->value = r->addend;
		return true;
	case R_X86_64_IRELATIVE:
		g->holds = GOT_ADDRESS;
		g->import = ifunc_import(img, r->addend);
		return g->import;
	case R_X86_64_TPOFF64: case R_X86_64_TLSDESC:
		g->holds = r->type == R_X86_64_TPOFF64 ? GOT_TPOFF : GOT_TLSDESC;
		g->value = g->import ? 0 : img->tls_addr + r->addend;
		return true;
	case R_X86_64_DTPMOD64:
		got_pair(img, g, r, next);
		return true;
	}
	return false;
}

static bool got_by_word(const struct image *img, struct got *g, uint64_t word)
{
	int64_t tpoff = word;

	g->holds = GOT_ADDRESS;
	g->value = word;
	if (!word)
		return true;
	if (is_executable(img) && img->tls_size && tpoff < 0 && tpoff >= tls_offset(img, img->tls_addr)) {
		g->holds = GOT_TPOFF;
		g->value = tls_address(img, tpoff);
		return true;
	}
	/* Where the loader relocates, what it leaves alone is a plain number. */
	return !has_base(img) || !image_section_at(img, word);
}

static bool is_got(const struct section *s)
{
	return s->bytes && (!strcmp(s->name, ".got") || !strcmp(s->name, ".got.plt"));
}

/* LAZY: the loader fills slots of calls at the first call. */
static void read_got(struct image *img, const struct section *s, bool lazy)
{
	const struct input *in = input_of(img);

	for (uint64_t at = 0; at + 8 <= s->size; at += 8) {
		struct got g = { .addr = s->addr + at };
		const struct dynrel *r = dynrel_at(in, g.addr);
		uint64_t word[2] = { 0, 0 };

		memcpy(word, s->bytes + at, s->size - at >= 16 ? 16 : 8);
		g.lazy = lazy && r && r->type == R_X86_64_JUMP_SLOT;
		/* The first three words of the table are the loader's. */
		if (r ? got_by_rel(img, &g, r, word[1]) : g.addr - in->got >= 24 && got_by_word(img, &g, word[0]))
			img->gots[img->ngots++] = g;
		if (r && (r->type == R_X86_64_DTPMOD64 || r->type == R_X86_64_TLSDESC))
			at += 8;
	}
}

static void read_gots(struct image *img)
{
	bool lazy = !binds_now(img);
	uint64_t n = 0;

	for (uint32_t i = 0; i < img->nsections; i++)
		if (is_got(&img->sections[i]))
			n += img->sections[i].size / 8;
	img->gots = xcalloc(n + 1, sizeof *img->gots);
	for (uint32_t i = 0; i < img->nsections; i++)
		if (is_got(&img->sections[i]))
			read_got(img, &img->sections[i], lazy);
}

struct got *got_at(const struct image *img, uint64_t addr)
{
	uint32_t lo = 0, hi = img->ngots;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (img->gots[mid].addr < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < img->ngots && img->gots[lo].addr == addr ? &img->gots[lo] : NULL;
}

uint64_t image_got(const struct image *img)
{
	return input_of(img)->got;
}

struct got *image_got_for(const struct image *img, int holds, const char *import, uint64_t value)
{
	struct got *lazy = NULL;

	for (uint32_t i = 0; i < img->ngots; i++) {
		struct got *g = &img->gots[i];

		if ((int)g->holds != holds || !g->import != !import)
			continue;
		if (!(import ? !strcmp(g->import, import) : holds == GOT_TLSLD || g->value == value))
			continue;
		if (!g->lazy)
			return g;
		lazy = g;
	}
	return lazy;
}

/* ---- PLT --------------------------------------------------------------------------------------------------------- */

bool is_plt(const struct section *s)
{
	return s->exec && s->bytes && (!strncmp(s->name, ".plt", 4) || !strcmp(s->name, ".iplt"));
}

static const uint8_t endbr64[4] = { 0xf3, 0x0f, 0x1e, 0xfa };

/* Length of the PLT entry at P, and in *JMP where in it `jmp *slot(%rip)` stands; -1: it has none. sh_entsize does not
 * tell: it is 0 in static programs. */
static unsigned plt_entry(const uint8_t *p, uint64_t n, int *jmp)
{
	unsigned k = 0;

	if (n >= 16 && !memcmp(p, endbr64, sizeof endbr64))
		k = 4;
	if (n - k >= 7 && p[k] == 0xf2)
		k++;
	*jmp = n - k >= 6 && p[k] == 0xff && p[k + 1] == 0x25 ? (int)k : -1;
	/* Followed by a push: an entry of the lazy kind. */
	return n < 16 || (*jmp >= 0 && k < 4 && p[k + 6] != 0x68) ? 8 : 16;
}

const struct got *plt_slot(const struct image *img, const struct section *s, uint64_t at, uint32_t *size)
{
	int32_t disp;
	int jmp;

	*size = plt_entry(s->bytes + at, s->size - at, &jmp);
	if (jmp < 0)
		return NULL;
	memcpy(&disp, s->bytes + at + jmp + 2, 4);
	/* For a weak symbol that nobody defines GNU ld 2.40 writes the slot's address plus 1 (static-pie). */
	return got_at(img, (s->addr + at + jmp + 6 + disp) & -8);
}

static void read_plt(struct image *img, const struct section *s)
{
	uint32_t size;

	for (uint64_t at = 0; s->size - at >= 8; at += size < s->size - at ? size : s->size - at) {
		const struct got *g = plt_slot(img, s, at, &size);

		if (g && g->import)
			img->plts[img->nplts++] = (struct plt) { s->addr + at, size, g->import, false };
	}
}

static void read_plts(struct image *img)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < img->nsections; i++)
		if (is_plt(&img->sections[i]))
			n += img->sections[i].size / 8;
	img->plts = xcalloc(n + 1, sizeof *img->plts);
	for (uint32_t i = 0; i < img->nsections; i++)
		if (is_plt(&img->sections[i]))
			read_plt(img, &img->sections[i]);
}

struct plt *plt_at(const struct image *img, uint64_t addr)
{
	uint32_t lo = 0, hi = img->nplts;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (img->plts[mid].addr < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < img->nplts && img->plts[lo].addr == addr ? &img->plts[lo] : NULL;
}

struct plt *image_plt_for(const struct image *img, const char *import)
{
	for (uint32_t i = 0; i < img->nplts; i++)
		if (!strcmp(img->plts[i].import, import))
			return &img->plts[i];
	return NULL;
}

/* A program at a fixed address that takes the address of a library's function has the symbol lead there. */
static void mark_canonical(struct image *img)
{
	const struct input *in = input_of(img);

	for (uint32_t i = 1; i < in->ndynsym; i++) {
		const Elf64_Sym *s = &in->dynsym[i];
		struct plt *plt = !s->st_shndx && s->st_value ? plt_at(img, s->st_value) : NULL;

		if (plt)
			plt->canonical = true;
	}
}

/* An executable that uses a variable of a library directly has a place for it, which the loader fills. */
static void mark_copied(struct image *img)
{
	const struct input *in = input_of(img);

	for (uint32_t i = 0; i < in->ndynrels; i++) {
		struct object *o;

		if (in->dynrels[i].type != R_X86_64_COPY || hp_broken("copied-places"))
			continue;
		o = image_object_at(img, in->dynrels[i].at);
		if (o && o->addr == in->dynrels[i].at)
			o->copied = dynsym_import(img, in->dynrels[i].sym);
	}
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

void dynamic_collect(struct image *img)
{
	read_dynsym(input_of(img));
	mark_exported(img);
	read_dynrels(img);
	mark_copied(img);
	read_gots(img);
	read_plts(img);
	mark_canonical(img);
}

void dynamic_release(struct image *img)
{
	struct input *in = input_of(img);

	free(img->gots);
	free(img->plts);
	free(in->dynrels);
	free(in->versions);
	if (in->interned)
		htab_delete(in->interned);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Symbols become objects: functions and variables with one extent each, aliases folded, cold parts tied to their
 * functions, and a table that tells in constant time which object holds an address.
 *
 * Names of one section, address and size are one object; the best name is a global one before a weak before a local,
 * then the first in the alphabet, so that it does not depend on the order of the link; but an IFUNC's name comes before
 * its resolver's. Extents may overlap (assembler code): both stay objects, and an address belongs to the innermost, the
 * one that starts last. Names without a size are labels, each on its own; so are the names of the module's own things,
 * __hp_*, which no diff shall see. GNU ld makes hidden symbols local, without visibility, behind a nameless STT_FILE:
 * they are local objects with file "".
 *
 * Left out: .L and mapping symbols, section and file symbols, symbols of sections that are not loaded.
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include <libiberty/hashtab.h>
#include "read.h"

static __thread const struct image *sorting;     /* for qsort() */

/* ---- one symbol -------------------------------------------------------------------------------------------------- */

uint64_t symbol_address(const struct image *img, const Elf64_Sym *sym)
{
	return ELF64_ST_TYPE(sym->st_info) == STT_TLS ? img->tls_addr + sym->st_value : sym->st_value;
}

static bool is_named_thing(const struct input *in, const Elf64_Sym *sym)
{
	const char *name = input_name(in, sym->st_name);

	switch (ELF64_ST_TYPE(sym->st_info)) {
	case STT_NOTYPE: case STT_OBJECT: case STT_FUNC: case STT_COMMON: case STT_TLS: case STT_GNU_IFUNC:
		break;
	default:
		return false;
	}
	return *name && *name != '$' && !(name[0] == '.' && name[1] == 'L');
}

static bool is_literal(const struct input *in, const Elf64_Sym *sym)
{
	const char *name = input_name(in, sym->st_name);

	return name[0] == '.' && name[1] == 'L' && name[2] == 'C';
}

static struct section *section_of(const struct input *in, const Elf64_Sym *sym)
{
	uint32_t i = sym->st_shndx;

	/* More than 65,279 sections: only in object files. */
	return i && i < in->nshdr && i < SHN_LORESERVE && in->shdr[i].sh_flags & SHF_ALLOC ? in->by_index[i] : NULL;
}

/* Extent of SYM as far as it lies in its section; 0 for labels. */
static uint64_t size_of(const struct image *img, const struct section *s, const Elf64_Sym *sym)
{
	const char *name = input_name(input_of(img), sym->st_name);
	uint64_t off = symbol_address(img, sym) - s->addr;

	if (off >= s->size || (name[0] == '_' && !strncmp(name, "__hp_", 5)))
		return 0;
	if (hp_broken("read") && sym->st_size > 1)
		return sym->st_size - 1;
	return sym->st_size < s->size - off ? sym->st_size : s->size - off;
}

static bool is_hidden(const Elf64_Sym *sym)
{
	return ELF64_ST_VISIBILITY(sym->st_other) == STV_HIDDEN || ELF64_ST_VISIBILITY(sym->st_other) == STV_INTERNAL;
}

/* The lower, the better a symbol names its object. */
static int rank(const Elf64_Sym *sym)
{
	switch (ELF64_ST_BIND(sym->st_info)) {
	case STB_GLOBAL: case STB_GNU_UNIQUE: return 0;
	case STB_WEAK: return 1;
	}
	return is_hidden(sym) ? 2 : 3;
}

static enum object_kind kind_of(const struct section *s, const Elf64_Sym *sym, uint64_t size)
{
	if (!size)
		return OBJECT_LABEL;
	switch (ELF64_ST_TYPE(sym->st_info)) {
	case STT_TLS: return OBJECT_TLS;
	case STT_GNU_IFUNC: return OBJECT_IFUNC;
	case STT_FUNC: return OBJECT_FUNC;
	case STT_NOTYPE: return s->exec ? OBJECT_FUNC : OBJECT_DATA;
	}
	return OBJECT_DATA;
}

/* ---- sorting ----------------------------------------------------------------------------------------------------- */

static bool is_ifunc(const Elf64_Sym *sym) { return ELF64_ST_TYPE(sym->st_info) == STT_GNU_IFUNC; }

/* Order of candidates at one address: labels, then from large to small, then the best name first; an IFUNC before the
 * resolver that it is an alias of. */
static int by_size(const void *pa, const void *pb)
{
	const struct place *a = pa, *b = pb;
	const struct input *in = input_of(sorting);
	const Elf64_Sym *sa = &in->sym[a->sym], *sb = &in->sym[b->sym];
	int order;

	if (a->size != b->size)
		return !a->size ? -1 : !b->size ? 1 : a->size > b->size ? -1 : 1;
	if (is_ifunc(sa) != is_ifunc(sb))
		return is_ifunc(sa) ? -1 : 1;
	if (rank(sa) != rank(sb))
		return rank(sa) - rank(sb);
	order = strcmp(input_name(in, sa->st_name), input_name(in, sb->st_name));
	return order ? order : a->sym < b->sym ? -1 : a->sym > b->sym;
}

/* Of the key, 64 bits of address below 16 of section. */
static uint32_t digit(const struct place *c, unsigned shift, uint32_t most)
{
	return (shift < 64 ? c->addr >> shift : (uint64_t)c->section >> (shift - 64)) & most;
}

/* Ascending by section and address; a radix sort, for qsort() would take a fifth of a second for 800 k symbols. Few places
 * are sorted by smaller digits, to go through a smaller table. */
struct place *sort_places(struct place *c, uint32_t n)
{
	struct place *to = xmalloc((n + 1) * sizeof *to), *swap;
	unsigned bits = n < 16384 ? 8 : 16;
	uint32_t most = (1u << bits) - 1, *count = xmalloc((most + 1) * sizeof *count);
	uint64_t all = 0;

	for (uint32_t i = 0; i < n; i++)
		all |= c[i].addr;
	for (unsigned shift = 0; shift < 64 + 16; shift += bits) {
		if (shift < 64 && !(all >> shift & most))
			continue;
		memset(count, 0, (most + 1) * sizeof *count);
		for (uint32_t i = 0; i < n; i++)
			count[digit(&c[i], shift, most)]++;
		for (uint32_t i = 0, sum = 0; i <= most; i++)
			sum += count[i], count[i] = sum - count[i];
		for (uint32_t i = 0; i < n; i++)
			to[count[digit(&c[i], shift, most)]++] = c[i];
		swap = c, c = to, to = swap;
	}
	free(count);
	free(to);
	return c;
}

static void sort_names(const struct image *img, struct place *c, uint32_t n)
{
	uint32_t end;

	sorting = img;
	for (uint32_t i = 0; i < n; i = end) {
		for (end = i + 1; end < n && c[end].section == c[i].section && c[end].addr == c[i].addr; end++)
			;
		if (end - i > 1)
			qsort(c + i, end - i, sizeof *c, by_size);
	}
}

/* ---- objects ----------------------------------------------------------------------------------------------------- */

static struct place *candidates(const struct image *img, uint32_t *n)
{
	struct input *in = input_of(img);
	struct place *c = xmalloc((in->nsym + 1) * sizeof *c);

	in->object_of = xcalloc(in->nsym + 1, sizeof *in->object_of);
	*n = 0;
	for (uint32_t i = 1; i < in->nsym; i++) {
		const Elf64_Sym *sym = &in->sym[i];
		struct section *s = section_of(in, sym);

		if (s && is_named_thing(in, sym))
			c[(*n)++] = (struct place) {
				symbol_address(img, sym), size_of(img, s, sym), i, s - img->sections
			};
		else if (s && is_literal(in, sym))
			in->object_of[i] = LITERAL;
	}
	return c;
}

static bool same_extent(const struct place *a, const struct place *b)
{
	return a->addr == b->addr && a->section == b->section && a->size && a->size == b->size;
}

static void fill_object(struct image *img, struct object *o, const struct place *c)
{
	const struct input *in = input_of(img);
	const Elf64_Sym *sym = &in->sym[c->sym];

	o->image = img;
	o->section = &img->sections[c->section];
	o->name = input_name(in, sym->st_name);
	o->addr = c->addr;
	o->size = c->size;
	o->kind = kind_of(o->section, sym, o->size);
	o->hidden = is_hidden(sym);
	o->global = rank(sym) < 3;
	o->weak = rank(sym) == 1;
	o->unique = ELF64_ST_BIND(sym->st_info) == STB_GNU_UNIQUE;
}

static void add_alias(struct input *in, struct object *o, struct alias *a, const Elf64_Sym *sym)
{
	if (o->aliases)
		a[-1].next = a;         /* they come one after the other */
	else
		o->aliases = a;
	a->name = input_name(in, sym->st_name);
	a->global = rank(sym) < 3;
	if (o->kind == OBJECT_DATA && ELF64_ST_TYPE(sym->st_info) == STT_FUNC)
		o->kind = OBJECT_FUNC;
}

static void fold(struct image *img, const struct place *c, uint32_t n)
{
	struct input *in = input_of(img);
	uint32_t nalias = 0;

	for (uint32_t i = 0; i < n; i++)
		img->nobjects += !i || !same_extent(&c[i - 1], &c[i]);
	img->objects = xcalloc(img->nobjects + 1, sizeof *img->objects);
	in->aliases = xcalloc(n - img->nobjects + 1, sizeof *in->aliases);
	img->nobjects = 0;
	for (uint32_t i = 0; i < n; i++) {
		/* In the order of addresses the symbols lie anywhere. */
		__builtin_prefetch(&in->sym[c[i + 16 < n ? i + 16 : i].sym]);
		if (i && same_extent(&c[i - 1], &c[i]))
			add_alias(in, &img->objects[img->nobjects - 1], &in->aliases[nalias++], &in->sym[c[i].sym]);
		else
			fill_object(img, &img->objects[img->nobjects++], &c[i]);
		in->object_of[c[i].sym] = img->nobjects;
	}
}

struct object *symbol_object(const struct image *img, uint32_t sym)
{
	const struct input *in = input_of(img);

	return sym < in->nsym && in->object_of[sym] - 1 < LITERAL - 1 ? &img->objects[in->object_of[sym] - 1] : NULL;
}

/* ---- object by address ------------------------------------------------------------------------------------------- */

/* One pointer for each 2^shift bytes of the section, about as many as objects: the last sized object that starts in
 * that stretch or before it. */
static void build_lookup(struct section *s, struct object *first)
{
	struct object *last = NULL, *end = first + s->nobjects;
	uint64_t n;

	while (s->shift < 63 && s->size >> s->shift > 2ull * s->nobjects + 16)
		s->shift++;
	n = (s->size >> s->shift) + 1;
	s->lookup = xmalloc(n * sizeof *s->lookup);
	for (uint64_t i = 0; i < n; i++) {
		while (first < end && (!first->size || (first->addr - s->addr) >> s->shift <= i)) {
			if (first->size)
				last = first;
			first++;
		}
		s->lookup[i] = last;
	}
}

/* Which object is around which, where extents overlap: following the links from an object passes every one that starts
 * before it and has not ended there. */
static void build_outer(struct image *img, const struct section *s)
{
	struct input *in = input_of(img);
	struct object *around = NULL;

	for (uint32_t i = s->first_object; i < s->first_object + s->nobjects; i++) {
		struct object *o = &img->objects[i];

		if (!o->size)
			continue;
		while (around && around->addr + around->size <= o->addr) {
			uint32_t up = in->outer ? in->outer[around - img->objects] : 0;

			around = up ? &img->objects[up - 1] : NULL;
		}
		if (around && !in->outer)
			in->outer = xcalloc(img->nobjects, sizeof *in->outer);
		if (around)
			in->outer[i] = around - img->objects + 1;
		around = o;
	}
}

static void index_objects(struct image *img)
{
	uint32_t i = 0;

	for (uint32_t k = 0; k < img->nsections; k++) {
		struct section *s = &img->sections[k];

		s->first_object = i;
		while (i < img->nobjects && img->objects[i].section == s)
			i++;
		s->nobjects = i - s->first_object;
		if (!s->nobjects)
			continue;
		build_lookup(s, &img->objects[s->first_object]);
		build_outer(img, s);
	}
}

static void list_indirect(struct image *img)
{
	img->indirect = xmalloc((img->nobjects + 1) * sizeof *img->indirect);
	for (uint32_t i = 0; i < img->nobjects; i++)
		if (img->objects[i].kind == OBJECT_IFUNC)
			img->indirect[img->nindirect++] = &img->objects[i];
	img->indirect = xrealloc(img->indirect, (img->nindirect + 1) * sizeof *img->indirect);
}

struct object *object_before(const struct image *img, const struct section *s, uint64_t addr)
{
	struct object *o, *first = img->objects + s->first_object;

	if (!s->lookup || addr - s->addr >= s->size)
		return NULL;
	for (o = s->lookup[(addr - s->addr) >> s->shift]; o && (o->addr > addr || !o->size); )
		o = o > first ? o - 1 : NULL;
	return o;
}

struct object *object_in(const struct image *img, const struct section *s, uint64_t addr)
{
	const struct input *in = input_of(img);
	struct object *o = object_before(img, s, addr);

	while (o && addr - o->addr >= o->size) {
		uint32_t up = in->outer ? in->outer[o - img->objects] : 0;

		o = up ? &img->objects[up - 1] : NULL;
	}
	return o;
}

struct object *image_object_at(const struct image *img, uint64_t addr)
{
	const struct section *s = image_section_at(img, addr);

	return s ? object_in(img, s, addr) : NULL;
}

struct object *tls_object_at(const struct image *img, uint64_t addr)
{
	for (uint32_t i = 0; i < img->nsections; i++) {
		const struct section *s = &img->sections[i];

		if (s->tls && addr - s->addr < s->size)
			return object_in(img, s, addr);
	}
	return NULL;
}

/* The first object or label of S that begins at ADDR or behind; the number behind the last when none does. */
static uint32_t first_from(const struct image *img, const struct section *s, uint64_t addr)
{
	uint32_t lo = s->first_object, hi = lo + s->nobjects;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (img->objects[mid].addr < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct object *label_at(const struct image *img, const struct section *s, uint64_t addr)
{
	uint32_t i = first_from(img, s, addr);
	struct object *o = i < s->first_object + s->nobjects ? &img->objects[i] : NULL;

	return o && o->addr == addr && !o->size ? o : NULL;
}

struct object *name_before(const struct image *img, const struct section *s, uint64_t addr)
{
	uint32_t i = first_from(img, s, addr + 1);

	return i > s->first_object ? &img->objects[i - 1] : NULL;
}

uint64_t next_name(const struct object *o)
{
	const struct image *img = o->image;
	const struct object *end = img->objects + img->nobjects, *next = o + 1;

	while (next < end && next->section == o->section && (next->addr == o->addr || next->addr < o->addr + o->size))
		next++;
	return next < end && next->section == o->section ? next->addr : o->section->addr + o->section->size;
}

/* ---- object by name ---------------------------------------------------------------------------------------------- */

/* Chains of symbols by name and unit. The unit of a global symbol, and of a local one whose file the linker does not
 * tell, is 0; of any other it is the index of its STT_FILE symbol. */
struct names { uint32_t *heads, mask; struct { uint32_t next, unit, hash; } *links; };

static uint32_t hash_name(const char *s, size_t n, uint32_t unit)
{
	uint64_t h = n + 31ull * unit, w;

	for (; n >= 8; s += 8, n -= 8) {
		memcpy(&w, s, 8);
		h = (h ^ w) * 0x9e3779b97f4a7c15;
		h ^= h >> 29;
	}
	for (; n; n--)
		h = (h ^ (uint8_t)*s++) * 0x100000001b3;
	return (h ^ h >> 32) * 0x9e3779b1;
}

static struct names *new_names(uint32_t n)
{
	struct names *t = xmalloc(sizeof *t);
	uint32_t size = 1024;

	while (size < n && size < 1u << 31)
		size *= 2;
	t->mask = size - 1;
	t->heads = xcalloc(size, sizeof *t->heads);
	t->links = xmalloc((n + 1ull) * sizeof *t->links);
	return t;
}

/* Global names, those of no file, and, for cold parts to find theirs, those of local functions. */
static void enter_name(const struct image *img, uint32_t sym, uint32_t unit)
{
	const struct input *in = input_of(img);
	const char *name = input_name(in, in->sym[sym].st_name);
	struct names *t = in->names;
	bool global = rank(&in->sym[sym]) < 3;
	uint32_t h;

	if (!symbol_object(img, sym) || (!global && unit && ELF64_ST_TYPE(in->sym[sym].st_info) != STT_FUNC))
		return;
	unit = global ? 0 : unit;
	h = hash_name(name, strlen(name), unit);
	t->links[sym].unit = unit;
	t->links[sym].hash = h;
	t->links[sym].next = t->heads[h & t->mask];
	t->heads[h & t->mask] = sym;
}

/* The STT_FILE symbol that symbol SYM stands under, the one before stood under UNIT; 0: none, or one without a name. */
static uint32_t unit_of(const struct input *in, uint32_t sym, uint32_t unit)
{
	if (ELF64_ST_TYPE(in->sym[sym].st_info) == STT_FILE)
		return *input_name(in, in->sym[sym].st_name) ? sym : 0;
	return ELF64_ST_BIND(in->sym[sym].st_info) == STB_LOCAL ? unit : 0;
}

static struct object *find_name(const struct image *img, const char *name, size_t n, uint32_t unit)
{
	struct input *in = input_of(img);
	uint32_t h = hash_name(name, n, unit);

	if (!in->names) {
		in->names = new_names(in->nsym);
		for (uint32_t i = 1, u = 0; i < in->nsym; i++)
			enter_name(img, i, u = unit_of(in, i, u));
	}
	for (uint32_t i = in->names->heads[h & in->names->mask]; i; i = in->names->links[i].next) {
		const char *s = input_name(in, in->sym[i].st_name);

		if (in->names->links[i].hash == h && in->names->links[i].unit == unit && !strncmp(s, name, n) && !s[n])
			return symbol_object(img, i);
	}
	return NULL;
}

static struct object *find_global(const struct image *img, const char *name, size_t n)
{
	struct object *o = find_name(img, name, n, 0);

	return o && o->global ? o : NULL;
}

struct object *image_find(const struct image *img, const char *name)
{
	return find_global(img, name, strlen(name));
}

struct object *image_find_import(const struct image *img, const char *import)
{
	return find_global(img, import, strcspn(import, "@"));
}

/* ---- files and cold parts ---------------------------------------------------------------------------------------- */

/* Length of NAME without ".cold" or ".cold.N"; 0: not a cold part's name. */
static size_t cold_stem(const char *name)
{
	const char *p = NULL;

	for (const char *q = name; (q = strstr(q, ".cold")); q++)
		p = q;
	if (!p || p == name || (p[5] && p[5] != '.'))
		return 0;
	return p[5] && p[6 + strspn(p + 6, "0123456789")] ? 0 : p - name;
}

/* The function of a cold part: of the same unit, else a global one. */
static void tie_cold(struct image *img, struct object *cold, uint32_t unit)
{
	size_t n = cold->kind == OBJECT_FUNC ? cold_stem(cold->name) : 0;
	struct object *hot = n && unit ? find_name(img, cold->name, n, unit) : NULL;

	if (n && !hot)
		hot = find_name(img, cold->name, n, 0);
	if (!hot || hot == cold || hot->kind != OBJECT_FUNC || hot->cold || cold->hot || cold->cold || hot->hot)
		return;
	hot->cold = cold;
	cold->hot = hot;
}

/* Symbols of cold parts, with their units. */
struct colds { struct { uint32_t sym, unit; } *list; uint32_t n, room; };

static void note_cold(struct colds *c, uint32_t sym, uint32_t unit)
{
	if (c->n == c->room) {
		c->room = c->room ? 2 * c->room : 256;
		c->list = xrealloc(c->list, c->room * sizeof *c->list);
	}
	c->list[c->n].sym = sym;
	c->list[c->n++].unit = unit;
}

/* `ccF6ygYk.o`, GCC's object of a file that it compiles and links at once, has another name each time. The linker calls code
 * by it that has no better one, as assembler code does. */
static const char *file_name(const struct input *in, uint32_t unit)
{
	const char *name = input_name(in, in->sym[unit].st_name);

	return strlen(name) == 10 && !strncmp(name, "cc", 2) && !strcmp(name + 8, ".o") ? "" : name;
}

/* Names that several files have. */
static htab_t names_of_files(const struct input *in)
{
	htab_t once = htab_create_alloc(64, htab_hash_string, htab_eq_string, NULL, xcalloc, free);
	htab_t more = htab_create_alloc(64, htab_hash_string, htab_eq_string, NULL, xcalloc, free);

	for (uint32_t i = 1; i < in->nsym; i++) {
		const char *name = input_name(in, in->sym[i].st_name);
		void **slot = ELF64_ST_TYPE(in->sym[i].st_info) != STT_FILE ? NULL : htab_find_slot(once, name, INSERT);

		if (slot && *slot)
			*htab_find_slot(more, name, INSERT) = (void *)name;
		else if (slot)
			*slot = (void *)name;
	}
	htab_delete(once);
	return more;
}

static void note_symbol(struct image *img, struct colds *colds, uint32_t sym, uint32_t unit, bool namesake)
{
	struct input *in = input_of(img);
	const Elf64_Sym *s = &in->sym[sym];
	const char *name = input_name(in, s->st_name);
	struct object *o;

	if (rank(s) == 3 && (o = symbol_object(img, sym)) && !o->global && o->name == name) {
		o->file = unit ? file_name(in, unit) : NULL;
		o->unit = unit;
		o->namesake = namesake && o->file && *o->file;
	}
	if (ELF64_ST_TYPE(s->st_info) == STT_FUNC && cold_stem(name))
		note_cold(colds, sym, unit);
	if (name[0] == '_' && !strcmp(name, "_GLOBAL_OFFSET_TABLE_"))
		in->got = s->st_value;
}

static void read_units(struct image *img)
{
	const struct input *in = input_of(img);
	struct colds colds = { 0 };
	htab_t several = names_of_files(in);
	bool namesake = false;

	for (uint32_t i = 1, unit = 0, next; i < in->nsym; i++, unit = next) {
		next = unit_of(in, i, unit);
		if (next != unit)
			namesake = next && htab_find(several, input_name(in, in->sym[next].st_name));
		note_symbol(img, &colds, i, next, namesake);
	}
	htab_delete(several);
	for (uint32_t i = 0; i < colds.n; i++)
		if (symbol_object(img, colds.list[i].sym))
			tie_cold(img, symbol_object(img, colds.list[i].sym), colds.list[i].unit);
	free(colds.list);
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

void symbols_collect(struct image *img)
{
	uint32_t n;
	struct place *c = candidates(img, &n);

	c = sort_places(c, n);
	sort_names(img, c, n);
	fold(img, c, n);
	free(c);
	index_objects(img);
	list_indirect(img);
	read_units(img);
}

void symbols_release(struct image *img)
{
	struct input *in = input_of(img);

	for (uint32_t i = 0; i < img->nsections; i++)
		free(img->sections[i].lookup);
	free(img->objects);
	free(img->indirect);
	free(in->object_of);
	free(in->outer);
	if (in->names) {
		free(in->names->heads);
		free(in->names->links);
	}
	free(in->names);
	free(in->aliases);
}

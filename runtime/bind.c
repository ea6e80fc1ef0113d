/* SPDX-License-Identifier: MIT */
/*
 * Finding an imported symbol without dlsym().
 *
 * Problem: new code calls a function that the old module did not import; the stub has no C library to ask, and dlsym()
 * may not be called this early. Method: the dynamic linker's own list of modules (DT_DEBUG of the executable), searched
 * as the dynamic linker would for this module: first what was loaded at the program's start (the global scope), then
 * the module and what it needs (its local scope), then all others, as one may have been opened with RTLD_GLOBAL.
 * Each module is searched through its hash table and symbol versions, by the rules of glibc's do_lookup_x().
 * Left out: thread-local symbols; statically linked programs, which have nothing to search.
 */
#include <link.h>
#include "bind.h"
#include "break.h"
#include "bytes.h"

#define VERSION_HIDDEN 0x8000
#define VERSION_INDEX 0x7fff

/* The tables of one module. */
struct tables {
	uint64_t base;
	const Elf64_Sym *symbols;
	const char *strings;
	const uint32_t *gnu_hash, *hash;
	const Elf64_Half *versym;
	const Elf64_Verdef *verdef;
	const char *name;               /* DT_SONAME, NULL: none */
};

/* A symbol that is wanted. */
struct wanted {
	const char *name, *version;     /* version "": none */
	uint32_t gnu_hash, hash;
};

/* ---- the list of modules ----------------------------------------------------------------------------------------- */

static const struct r_debug *find_debug(const struct bind_scope *scope)
{
	const Elf64_Phdr *p = scope->phdrs, *end = p + scope->nphdrs;
	const Elf64_Phdr *self = NULL, *dynamic = NULL;

	for (; p && p < end; p++) {
		if (p->p_type == PT_PHDR)
			self = p;
		if (p->p_type == PT_DYNAMIC)
			dynamic = p;
	}
	if (!self || !dynamic)
		return NULL;
	for (const Elf64_Dyn *d = (const void *)((uint64_t)scope->phdrs - self->p_vaddr + dynamic->p_vaddr);
	     d->d_tag != DT_NULL; d++)
		if (d->d_tag == DT_DEBUG)
			return (const void *)d->d_un.d_ptr;
	return NULL;
}

/* The list that the importing module is in: that of its namespace, dlmopen() makes more than one. */
static const struct link_map *find_list(const struct bind_scope *scope, const struct link_map **self)
{
	const struct r_debug *debug = find_debug(scope);

	while (debug) {
		for (*self = debug->r_map; *self; *self = (*self)->l_next)
			if ((*self)->l_addr == scope->base && (*self)->l_ld)
				return debug->r_map;
		if (debug->r_version <= 1 || hp_broken("bind-namespace"))
			break;
		debug = (const void *)((const struct r_debug_extended *)debug)->r_next;
	}
	return NULL;
}

/* glibc has relocated these pointers where the dynamic section was writable, musl and the vDSO have not. */
static const void *dynamic_pointer(const struct link_map *map, uint64_t value)
{
	return (const void *)(value < map->l_addr ? value + map->l_addr : value);
}

static void read_tables(struct tables *t, const struct link_map *map)
{
	uint64_t name = 0;

	bytes_fill(t, 0, sizeof *t);
	t->base = map->l_addr;
	for (const Elf64_Dyn *d = map->l_ld; d && d->d_tag != DT_NULL; d++) {
		const void *at = dynamic_pointer(map, d->d_un.d_ptr);

		if (d->d_tag == DT_SYMTAB)
			t->symbols = at;
		else if (d->d_tag == DT_STRTAB)
			t->strings = at;
		else if (d->d_tag == DT_GNU_HASH)
			t->gnu_hash = at;
		else if (d->d_tag == DT_HASH)
			t->hash = at;
		else if (d->d_tag == DT_VERSYM)
			t->versym = at;
		else if (d->d_tag == DT_VERDEF)
			t->verdef = at;
		else if (d->d_tag == DT_SONAME)
			name = d->d_un.d_val;
	}
	t->name = name && t->strings ? t->strings + name : NULL;
}

/* ---- one symbol -------------------------------------------------------------------------------------------------- */

/* Does the module define version INDEX under the name that is wanted? */
static bool version_is_named(const struct tables *t, unsigned index, const char *name)
{
	const Elf64_Verdef *v = t->verdef;

	while (v) {
		const Elf64_Verdaux *aux = (const void *)((const char *)v + v->vd_aux);

		if (v->vd_ndx == index)
			return text_equal(t->strings + aux->vda_name, name);
		v = v->vd_next ? (const void *)((const char *)v + v->vd_next) : NULL;
	}
	return false;
}

/* A symbol without a version serves every reference; a reference without a version gets the base or the default one. */
static bool version_fits(const struct tables *t, uint32_t i, const struct wanted *w)
{
	unsigned version = t->versym ? t->versym[i] : VER_NDX_GLOBAL;

	if (hp_broken("bind-version"))
		return true;
	if ((version & VERSION_INDEX) == VER_NDX_LOCAL)
		return false;
	if (!*w->version || version == VER_NDX_GLOBAL)
		return !(version & VERSION_HIDDEN);
	return !t->verdef || version_is_named(t, version & VERSION_INDEX, w->version);
}

/* An undefined symbol with a value is a function's address in a no-PIE program: the one that all modules agree on. */
static bool symbol_fits(const struct tables *t, uint32_t i, const struct wanted *w)
{
	const Elf64_Sym *s = &t->symbols[i];

	if (!s->st_value && s->st_shndx != SHN_ABS)
		return false;
	if ((ELF64_ST_TYPE(s->st_info) == STT_TLS && !hp_broken("bind-tls")) || ELF64_ST_BIND(s->st_info) == STB_LOCAL)
		return false;
	return text_equal(t->strings + s->st_name, w->name) && version_fits(t, i, w);
}

static uint32_t find_by_gnu_hash(const struct tables *t, const struct wanted *w)
{
	const uint32_t *head = t->gnu_hash, nbuckets = head[0], first = head[1], nwords = head[2], shift = head[3];
	const uint64_t *bloom = (const void *)(head + 4);
	const uint32_t *buckets = (const void *)(bloom + nwords), *chain = buckets + nbuckets;
	uint64_t word = bloom[w->gnu_hash / 64 % nwords];
	uint32_t i;

	if (!(word >> w->gnu_hash % 64 & word >> (w->gnu_hash >> shift) % 64 & 1))
		return 0;
	for (i = buckets[w->gnu_hash % nbuckets]; i >= first && i; i++) {
		uint32_t hash = chain[i - first];

		if ((hash | 1) == (w->gnu_hash | 1) && symbol_fits(t, i, w))
			return i;
		if (hash & 1)
			break;
	}
	return 0;
}

static uint32_t find_by_hash(const struct tables *t, const struct wanted *w)
{
	uint32_t nbuckets = t->hash[0];
	const uint32_t *chain = t->hash + 2 + nbuckets;

	for (uint32_t i = t->hash[2 + w->hash % nbuckets]; i; i = chain[i])
		if (symbol_fits(t, i, w))
			return i;
	return 0;
}

static uint32_t find_in(const struct tables *t, const struct wanted *w)
{
	if (!t->symbols || !t->strings)
		return 0;
	if (t->gnu_hash)
		return find_by_gnu_hash(t, w);
	return t->hash && t->hash[0] && !hp_broken("bind-sysv") ? find_by_hash(t, w) : 0;
}

static uint64_t symbol_value(const struct tables *t, uint32_t i)
{
	const Elf64_Sym *s = &t->symbols[i];
	uint64_t value = s->st_shndx == SHN_ABS ? s->st_value : t->base + s->st_value;

	if (ELF64_ST_TYPE(s->st_info) == STT_GNU_IFUNC && !hp_broken("bind-ifunc") && s->st_shndx != SHN_UNDEF)
		value = ((uint64_t (*)(void))value)();
	return value;
}

static void want(struct wanted *w, const char *name, const char *version)
{
	uint32_t gnu = 5381, sysv = 0, high;

	for (const char *c = name; *c; c++) {
		gnu = gnu * 33 + (unsigned char)*c;
		sysv = (sysv << 4) + (unsigned char)*c;
		high = sysv & 0xf0000000;
		sysv = (sysv ^ high >> 24) & ~high;
	}
	*w = (struct wanted) { name, version, gnu, sysv };
}

/* ---- scopes ------------------------------------------------------------------------------------------------------ */

static bool set_has(const struct module_set *s, unsigned i)
{
	return i < BIND_MODULES && s->bits[i / 64] >> i % 64 & 1;
}

/* False when module I is in already, or cannot be put in. */
static bool set_add(struct module_set *s, unsigned i)
{
	if (i >= BIND_MODULES || set_has(s, i))
		return false;
	s->bits[i / 64] |= 1ULL << i % 64;
	return true;
}

static bool file_is_named(const struct link_map *map, const char *name)
{
	const char *file = map->l_name;

	for (const char *c = file; c && *c; c++)
		if (*c == '/')
			file = c + 1;
	return file && (text_equal(file, name) || text_equal(map->l_name, name));
}

static bool module_is_named(const struct link_map *map, const char *name)
{
	struct tables t;

	read_tables(&t, map);
	return t.name && text_equal(t.name, name);
}

/* The place of the module that a DT_NEEDED means: by its file's name, else by its DT_SONAME. */
static unsigned find_needed(const struct link_map *list, const char *name)
{
	unsigned i = 0;

	for (const struct link_map *m = list; m; m = m->l_next, i++)
		if (file_is_named(m, name))
			return i;
	i = 0;
	for (const struct link_map *m = list; m; m = m->l_next, i++)
		if (module_is_named(m, name))
			return i;
	return BIND_MODULES;
}

/* Put in what MAP needs; true when that was news. */
static bool set_add_needed(struct module_set *s, const struct link_map *list, const struct link_map *map)
{
	bool news = false;
	struct tables t;

	read_tables(&t, map);
	for (const Elf64_Dyn *d = map->l_ld; d && d->d_tag != DT_NULL && t.strings; d++)
		if (d->d_tag == DT_NEEDED)
			news |= set_add(s, find_needed(list, t.strings + d->d_un.d_val));
	return news;
}

/* ROOT and all that it needs, directly or not. Most needs stand behind who needs them, so few passes will do. */
static void set_close(struct module_set *s, const struct link_map *list, const struct link_map *root)
{
	struct module_set done = { { 0 } };
	bool news = true;

	*s = (struct module_set) { { 0 } };
	while (news) {
		unsigned i = 0;

		news = false;
		for (const struct link_map *m = list; m; m = m->l_next, i++)
			if ((m == root || set_has(s, i)) && set_add(&done, i)) {
				set_add(s, i);
				news |= set_add_needed(s, list, m);
			}
	}
}

/* The global scope: the program and its libraries stand together at the list's head, with LD_PRELOAD's between them. */
static void set_fill_up(struct module_set *s)
{
	unsigned last = BIND_MODULES;

	while (last && !set_has(s, last - 1))
		last--;
	while (last)
		set_add(s, --last);
}

static bool scope_init(struct bind_scope *scope)
{
	const struct link_map *self, *list;

	if (scope->list)
		return true;
	list = find_list(scope, &self);
	if (!list)
		return false;
	set_close(&scope->global, list, list);
	set_fill_up(&scope->global);
	set_close(&scope->local, list, self);
	scope->list = list;
	return true;
}

/* Search the modules of SET, NULL: all. */
static int find_among(const struct bind_scope *scope, const struct module_set *set, const struct wanted *w,
		      uint64_t *value)
{
	unsigned n = 0;

	for (const struct link_map *map = scope->list; map; map = map->l_next, n++) {
		struct tables t;
		uint32_t i;

		if (set && !set_has(set, n))
			continue;
		read_tables(&t, map);
		i = find_in(&t, w);
		if (i) {
			*value = symbol_value(&t, i);
			return 0;
		}
	}
	return -1;
}

int bind_symbol(void *ctx, const char *name, const char *version, uint64_t *value)
{
	struct bind_scope *scope = ctx;
	struct wanted w;

	if (!scope_init(scope))
		return -1;
	want(&w, name, version);
	if (hp_broken("bind-scope"))
		return find_among(scope, NULL, &w, value);
	if (!find_among(scope, &scope->global, &w, value) || !find_among(scope, &scope->local, &w, value))
		return 0;
	return find_among(scope, NULL, &w, value);
}

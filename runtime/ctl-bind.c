/* SPDX-License-Identifier: MIT */
/*
 * Imports, from outside: what would the dynamic linker of the process bind NAME@VERSION to, for this module?
 *
 * The program's dynamic section leads to r_debug and the list of loaded objects. The scope of a module is, in this
 * order: itself, if it was linked -Bsymbolic; the program, preloaded objects, and what they need, breadth first; the
 * module and what it needs, breadth first. Each object's hash table, symbols and versions are read from memory. Nothing
 * is executed: for a symbol whose address a resolver chooses (IFUNC), a slot that already holds the choice is looked
 * for.
 *
 * All tables are the process's own claim. Each walk has an end, but a list of a thousand objects whose tables lead into
 * each other multiplies them: what may be read for one module is limited, and behind that nothing is found.
 *
 * Left out: dlmopen namespaces other than the first, and objects made global by a later dlopen(RTLD_GLOBAL).
 */
#define _GNU_SOURCE
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include "ctl-job.h"

#define OBJECTS_MAX 1024
#define NEEDED_MAX 64
#define NAME_SIZE 256
#ifndef READS_MAX                       /* the fuzz target wants less */
#define READS_MAX (1u << 23)            /* some 5 seconds */
#endif

struct object {
	uint64_t base, dynamic;
	uint64_t symtab, strtab, gnu_hash, hash, versym, verdef, jmprel, rela;
	uint64_t pltrelsz, relasz, verdefnum;
	uint64_t soname;                /* offset in strtab, 0: none */
	uint64_t needed[NEEDED_MAX];
	unsigned nneeded;
	char name[NAME_SIZE];           /* last part of its path */
	bool symbolic;
};

struct bind {
	const struct proc *p;
	struct object *objects;
	size_t count;
	size_t *scope;                  /* indices, in order of search */
	size_t nscope;
	size_t self;                    /* index of the module, SIZE_MAX: not found */
	uint32_t reads;                 /* how many are left */
	bool whole;                     /* all objects of the list were read */
};

/* ---- reading objects --------------------------------------------------------------------------------------------- */

static size_t look_some(struct bind *b, uint64_t at, void *buf, size_t size)
{
	if (!b->reads)
		return 0;
	b->reads--;
	return proc_read_some(b->p, at, buf, size);
}

static bool look(struct bind *b, uint64_t at, void *buf, size_t size)
{
	return look_some(b, at, buf, size) == size;
}

static bool read_string(struct bind *b, uint64_t at, char *buf, size_t size)
{
	size_t n = look_some(b, at, buf, size);

	return n && memchr(buf, 0, n);
}

/* glibc has made most pointers absolute; other linkers, and read-only sections, have not. */
static uint64_t absolute(const struct object *o, uint64_t value)
{
	return value && value < o->base ? o->base + value : value;
}

static void take_dynamic(struct object *o, const Elf64_Dyn *d)
{
	switch (d->d_tag) {
	case DT_SYMTAB: o->symtab = absolute(o, d->d_un.d_ptr); break;
	case DT_STRTAB: o->strtab = absolute(o, d->d_un.d_ptr); break;
	case DT_GNU_HASH: o->gnu_hash = absolute(o, d->d_un.d_ptr); break;
	case DT_HASH: o->hash = absolute(o, d->d_un.d_ptr); break;
	case DT_VERSYM: o->versym = absolute(o, d->d_un.d_ptr); break;
	case DT_VERDEF: o->verdef = absolute(o, d->d_un.d_ptr); break;
	case DT_VERDEFNUM: o->verdefnum = d->d_un.d_val; break;
	case DT_JMPREL: o->jmprel = absolute(o, d->d_un.d_ptr); break;
	case DT_PLTRELSZ: o->pltrelsz = d->d_un.d_val; break;
	case DT_RELA: o->rela = absolute(o, d->d_un.d_ptr); break;
	case DT_RELASZ: o->relasz = d->d_un.d_val; break;
	case DT_SONAME: o->soname = d->d_un.d_val; break;
	case DT_SYMBOLIC: o->symbolic = true; break;
	case DT_FLAGS: o->symbolic = o->symbolic || d->d_un.d_val & DF_SYMBOLIC; break;
	case DT_NEEDED:
		if (o->nneeded < NEEDED_MAX)
			o->needed[o->nneeded++] = d->d_un.d_val;
	}
}

static bool object_read(struct bind *b, struct object *o)
{
	Elf64_Dyn d[16];

	for (unsigned i = 0; i < 32; i++) {
		size_t n = look_some(b, o->dynamic + i * sizeof(d), d, sizeof(d)) / sizeof(*d);
		for (size_t k = 0; k < n; k++) {
			if (d[k].d_tag == DT_NULL)
				return o->symtab && o->strtab;
			take_dynamic(o, &d[k]);
		}
		if (n < 16)
			break;
	}
	return false;
}

/* The program's dynamic section, by way of the kernel's own record of its program headers. */
static uint64_t program_dynamic(const struct proc *p)
{
	uint64_t aux[128], at = 0, count = 0, base = 0, dynamic = 0;
	ssize_t n = proc_read_file(p->dir, "auxv", (char *)aux, sizeof(aux));

	for (ssize_t i = 0; i + 1 < n / 8; i += 2) {
		if (aux[i] == AT_PHDR)
			at = aux[i + 1];
		if (aux[i] == AT_PHNUM)
			count = aux[i + 1];
	}
	for (uint64_t i = 0; at && i < count && i < 128; i++) {
		Elf64_Phdr ph;
		if (!proc_read(p, at + i * sizeof(ph), &ph, sizeof(ph)))
			return 0;
		if (ph.p_type == PT_PHDR)
			base = at - ph.p_vaddr;
		if (ph.p_type == PT_DYNAMIC)
			dynamic = ph.p_vaddr;
	}
	return dynamic ? base + dynamic : 0;
}

static uint64_t link_map(const struct proc *p)
{
	uint64_t dynamic = program_dynamic(p), map = 0;
	Elf64_Dyn d;

	for (unsigned i = 0; dynamic && i < 512; i++) {
		if (!proc_read(p, dynamic + i * sizeof(d), &d, sizeof(d)) || d.d_tag == DT_NULL)
			break;
		if (d.d_tag == DT_DEBUG && d.d_un.d_ptr && proc_read(p, d.d_un.d_ptr + 8, &map, sizeof(map)))
			return map;
	}
	return 0;
}

static void read_objects(struct bind *b, const struct module *m)
{
	uint64_t at = link_map(b->p);
	struct { uint64_t addr, name, ld, next, prev; } entry;

	b->whole = at;
	for (unsigned i = 0; at && i < OBJECTS_MAX; i++, at = entry.next) {
		char path[4096] = "";
		if (!look(b, at, &entry, sizeof(entry)))
			break;
		struct object *list = reallocarray(b->objects, b->count + 1, sizeof(*list));
		if (!list)
			break;
		b->objects = list;
		struct object *o = &b->objects[b->count];
		*o = (struct object){ .base = entry.addr, .dynamic = entry.ld };
		if (!object_read(b, o)) {
			b->whole = false;
			continue;
		}
		if (read_string(b, entry.name, path, sizeof(path))) {
			const char *slash = strrchr(path, '/');
			snprintf(o->name, sizeof(o->name), "%.255s", slash ? slash + 1 : path);
		}
		if (o->dynamic == m->dynamic)
			b->self = b->count;
		b->count++;
	}
	b->whole = b->whole && !at;
}

/* ---- the scope --------------------------------------------------------------------------------------------------- */

static bool is_called(struct bind *b, const struct object *o, const char *name)
{
	char own[NAME_SIZE];

	if (!strcmp(o->name, name))
		return true;
	return o->soname && read_string(b, o->strtab + o->soname, own, sizeof(own)) && !strcmp(own, name);
}

static void scope_add(struct bind *b, size_t index)
{
	for (size_t i = 0; i < b->nscope; i++)
		if (b->scope[i] == index)
			return;
	b->scope[b->nscope++] = index;
}

/* Adds what the objects from place FROM of the scope on need. */
static void scope_close(struct bind *b, size_t from)
{
	char name[NAME_SIZE];

	for (size_t i = from; i < b->nscope; i++) {
		const struct object *o = &b->objects[b->scope[i]];
		for (unsigned k = 0; k < o->nneeded; k++) {
			if (!read_string(b, o->strtab + o->needed[k], name, sizeof(name)))
				continue;
			for (size_t n = 0; n < b->count; n++)
				if (is_called(b, &b->objects[n], name)) {
					scope_add(b, n);
					break;
				}
		}
	}
}

/* What stands in the list between the program and the first thing that it needs was preloaded. */
static void scope_add_preloaded(struct bind *b)
{
	char name[NAME_SIZE];
	const struct object *program = &b->objects[0];

	if (!program->nneeded || !read_string(b, program->strtab + program->needed[0], name, sizeof(name)))
		return;
	for (size_t i = 1; i < b->count && !is_called(b, &b->objects[i], name); i++)
		if (strncmp(b->objects[i].name, "linux-vdso", 10))
			scope_add(b, i);
}

/* A module that is not in the list is of another namespace: what is found here would be of another copy of the C
 * library. */
static void scope_make(struct bind *b)
{
	if (!b->count || b->self == SIZE_MAX)
		return;
	if (b->objects[b->self].symbolic)
		scope_add(b, b->self);
	size_t from = b->nscope;
	scope_add(b, 0);
	scope_add_preloaded(b);
	scope_close(b, from);
	from = b->nscope;
	scope_add(b, b->self);
	scope_close(b, from < b->nscope ? from : 0);
}

struct bind *bind_open(const struct proc *p, const struct module *m)
{
	struct bind *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->p = p;
	b->self = SIZE_MAX;
	b->reads = READS_MAX;
	read_objects(b, m);
	b->scope = calloc(b->count + 1, sizeof(*b->scope));
	if (b->scope)
		scope_make(b);
	return b;
}

void bind_close(struct bind *b)
{
	if (!b)
		return;
	free(b->objects);
	free(b->scope);
	free(b);
}

static struct bind *objects_of(struct job *j)
{
	if (!j->bind)
		j->bind = bind_open(j->proc, j->module);
	return j->bind;
}

/* ---- looking up -------------------------------------------------------------------------------------------------- */

static uint32_t gnu_hash(const char *name)
{
	uint32_t h = 5381;

	for (; *name; name++)
		h = h * 33 + (unsigned char)*name;
	return h;
}

/* Is the version of symbol INDEX the wanted one? Without versions every definition will do; without a wanted one the
 * default definition. */
static bool version_fits(struct bind *b, const struct object *o, uint32_t index, const char *version)
{
	uint16_t v;
	uint64_t at = o->verdef;

	if (!o->versym || !look(b, o->versym + 2ull * index, &v, sizeof(v)))
		return true;
	if (!*version)
		return !(v & 0x8000) && v;
	if ((v & 0x7fff) < 2)
		return (v & 0x7fff) == 1;
	for (uint64_t i = 0; at && i < o->verdefnum && i < 4096; i++) {
		Elf64_Verdef def;
		Elf64_Verdaux aux;
		char name[NAME_SIZE];
		if (!look(b, at, &def, sizeof(def)))
			return false;
		if (def.vd_ndx == (v & 0x7fff))
			return look(b, at + def.vd_aux, &aux, sizeof(aux)) &&
			       read_string(b, o->strtab + aux.vda_name, name, sizeof(name)) && !strcmp(name, version);
		if (!def.vd_next)
			return false;
		at += def.vd_next;
	}
	return false;
}

static bool symbol_fits(struct bind *b, const struct object *o, uint32_t index, const char *name, const char *version,
			Elf64_Sym *sym)
{
	char own[NAME_SIZE];
	unsigned type;

	if (!look(b, o->symtab + (uint64_t)index * sizeof(*sym), sym, sizeof(*sym)) || sym->st_shndx == SHN_UNDEF)
		return false;
	type = ELF64_ST_TYPE(sym->st_info);
	if (type == STT_TLS || type == STT_SECTION || type == STT_FILE || ELF64_ST_BIND(sym->st_info) == STB_LOCAL)
		return false;
	return read_string(b, o->strtab + sym->st_name, own, sizeof(own)) && !strcmp(own, name) &&
	       version_fits(b, o, index, version);
}

static bool find_by_gnu_hash(struct bind *b, const struct object *o, const char *name, const char *version,
			     Elf64_Sym *sym)
{
	struct { uint32_t nbuckets, first, nbloom, shift; } head;
	uint32_t hash = gnu_hash(name), index, chain;
	uint64_t buckets, chains;

	if (!look(b, o->gnu_hash, &head, sizeof(head)) || !head.nbuckets || head.nbloom > 1 << 24)
		return false;
	buckets = o->gnu_hash + sizeof(head) + 8ull * head.nbloom;
	chains = buckets + 4ull * head.nbuckets;
	if (!look(b, buckets + 4ull * (hash % head.nbuckets), &index, sizeof(index)) || index < head.first)
		return false;
	for (unsigned n = 0; n < 100000; n++, index++) {
		if (!look(b, chains + 4ull * (index - head.first), &chain, sizeof(chain)))
			return false;
		if ((chain | 1) == (hash | 1) && symbol_fits(b, o, index, name, version, sym))
			return true;
		if (chain & 1)
			return false;
	}
	return false;
}

static bool find_by_hash(struct bind *b, const struct object *o, const char *name, const char *version, Elf64_Sym *sym)
{
	uint32_t head[2];

	if (!o->hash || !look(b, o->hash, head, sizeof(head)))
		return false;
	for (uint32_t i = 1; i < head[1] && i < 1 << 20; i++)
		if (symbol_fits(b, o, i, name, version, sym))
			return true;
	return false;
}

static bool object_find(struct bind *b, const struct object *o, const char *name, const char *version, Elf64_Sym *sym)
{
	return o->gnu_hash ? find_by_gnu_hash(b, o, name, version, sym) : find_by_hash(b, o, name, version, sym);
}

/* ---- symbols chosen at run time ---------------------------------------------------------------------------------- */

/* A filled slot of USER for the symbol: an address in executable memory outside of USER, so no lazy stub of its own. */
static bool slot_of(struct bind *b, const struct object *user, uint64_t table, uint64_t size, const char *name,
		    uint64_t *value)
{
	for (uint64_t at = 0; at + sizeof(Elf64_Rela) <= size && at < 1 << 22; at += sizeof(Elf64_Rela)) {
		Elf64_Rela r;
		Elf64_Sym sym;
		char own[NAME_SIZE];
		if (!look(b, table + at, &r, sizeof(r)))
			return false;
		uint32_t type = ELF64_R_TYPE(r.r_info);
		if ((type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT) ||
		    !look(b, user->symtab + ELF64_R_SYM(r.r_info) * sizeof(sym), &sym, sizeof(sym)) ||
		    !read_string(b, user->strtab + sym.st_name, own, sizeof(own)) || strcmp(own, name) ||
		    !look(b, user->base + r.r_offset, value, sizeof(*value)))
			continue;
		const struct map *to = maps_find(&b->p->maps, *value), *from = maps_find(&b->p->maps, user->dynamic);
		if (to && to->exec && from && (to->inode != from->inode || to->dev != from->dev))
			return true;
	}
	return false;
}

/* The slot by which the defining object itself calls what the resolver chose: glibc has one for most of its own. */
static bool own_slot(struct bind *b, const struct object *o, uint64_t table, uint64_t size, uint64_t resolver,
		     uint64_t *value)
{
	for (uint64_t at = 0; at + sizeof(Elf64_Rela) <= size && at < 1 << 22; at += sizeof(Elf64_Rela)) {
		Elf64_Rela r;
		if (!look(b, table + at, &r, sizeof(r)))
			return false;
		if (ELF64_R_TYPE(r.r_info) != R_X86_64_IRELATIVE || (uint64_t)r.r_addend != resolver ||
		    !look(b, o->base + r.r_offset, value, sizeof(*value)))
			continue;
		const struct map *to = maps_find(&b->p->maps, *value);
		if (to && to->exec)
			return true;
	}
	return false;
}

static int chosen(struct bind *b, const struct object *owner, uint64_t resolver, const char *name, uint64_t *value)
{
	if (own_slot(b, owner, owner->jmprel, owner->pltrelsz, resolver, value) ||
	    own_slot(b, owner, owner->rela, owner->relasz, resolver, value))
		return 0;
	for (size_t i = 0; i < b->nscope; i++) {
		const struct object *o = &b->objects[b->scope[i]];
		if (slot_of(b, o, o->jmprel, o->pltrelsz, name, value) ||
		    slot_of(b, o, o->rela, o->relasz, name, value))
			return 0;
	}
	return -1;
}

int bind_resolve(void *ctx, const char *name, const char *version, uint64_t *value)
{
	struct job *j = ctx;
	struct bind *b;
	Elf64_Sym sym;

	b = objects_of(j);
	for (size_t i = 0; b && i < b->nscope; i++) {
		const struct object *o = &b->objects[b->scope[i]];
		if (!object_find(b, o, name, version, &sym))
			continue;
		if (ELF64_ST_TYPE(sym.st_info) == STT_GNU_IFUNC)
			return chosen(b, o, sym.st_value, name, value);
		*value = sym.st_shndx == SHN_ABS ? sym.st_value : o->base + sym.st_value;
		return 0;
	}
	return -1;
}

/* ---- thread-local variables -------------------------------------------------------------------------------------- */

bool bind_tls_number(struct job *j, uint64_t *number)
{
	const struct object *o;
	Elf64_Rela r;

	if (!objects_of(j) || j->bind->self == SIZE_MAX)
		return false;
	o = &j->bind->objects[j->bind->self];
	for (uint64_t at = 0; at + sizeof(r) <= o->relasz && at < 1 << 22; at += sizeof(r)) {
		if (!look(j->bind, o->rela + at, &r, sizeof(r)))
			return false;
		if (ELF64_R_TYPE(r.r_info) == R_X86_64_DTPMOD64 && !ELF64_R_SYM(r.r_info))
			return look(j->bind, o->base + r.r_offset, number, sizeof(*number));
	}
	return false;
}

/* ---- who else uses it -------------------------------------------------------------------------------------------- */

static bool symbol_is_called(struct bind *b, const struct object *o, uint32_t index, const char *name)
{
	char own[NAME_SIZE];
	Elf64_Sym sym;

	return !look(b, o->symtab + (uint64_t)index * sizeof(sym), &sym, sizeof(sym)) ||
	       (read_string(b, o->strtab + sym.st_name, own, sizeof(own)) && !strcmp(own, name));
}

/* Has a relocation of O in TABLE brought it the address of NAME? What cannot be read may have. */
static bool table_names(struct bind *b, const struct object *o, uint64_t table, uint64_t size, const char *name)
{
	Elf64_Rela r[64];
	uint32_t last = 0;

	for (uint64_t at = 0, n; at < size; at += n) {
		n = size - at < sizeof(r) ? size - at : sizeof(r);
		if (!look(b, table + at, r, n))
			return true;
		for (size_t i = 0; i < n / sizeof(*r); i++) {
			uint32_t symbol = ELF64_R_SYM(r[i].r_info);
			if (symbol && symbol != last && symbol_is_called(b, o, symbol, name))
				return true;
			last = symbol;
		}
	}
	return false;
}

static bool is_named_elsewhere(struct bind *b, const char *name)
{
	for (size_t i = 0; i < b->count && !hp_broken("alone"); i++) {
		const struct object *o = &b->objects[i];
		if (i != b->self && (table_names(b, o, o->rela, o->relasz, name) ||
				     table_names(b, o, o->jmprel, o->pltrelsz, name)))
			return true;
	}
	return false;
}

enum ctl_cause bind_check_alone(struct job *j)
{
	const struct hp_boot *boot = hp_patch_boot(j->patch);
	const struct hp_bind *bind = boot ? hp_boot_at(boot, boot->bind) : NULL;

	for (uint32_t i = 0; boot && i < boot->nbind; i++) {
		struct bind *b = bind[i].kind == HP_BIND_ALONE ? objects_of(j) : NULL;
		const char *name = hp_boot_at(boot, bind[i].name);
		if (bind[i].kind != HP_BIND_ALONE || (b && b->whole && b->self != SIZE_MAX && !is_named_elsewhere(b, name)))
			continue;
		job_detail(j, "'%.150s'", printable(name));
		return job_gone_or(j, CAUSE_SHARED);
	}
	return CAUSE_NONE;
}

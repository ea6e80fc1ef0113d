/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The coldpatch: the file that ships, with the patch already in it.
 *
 * Its bytes are those of OLD, or of its stripped copy, with the writes of the patch applied at their file offsets and the
 * registry saying so. Nothing that is loaded moves. Where the file has a symbol table, the new functions get symbols, so
 * that debuggers and profilers name them; the tables behind the loaded part are then laid out anew:
 *
 *   loaded part, .comment, .debug_*   unchanged
 *   .symtab, .strtab and what follows in the order in which it stood, then the section headers
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <libiberty/libiberty.h>

#include "output.h"
#include "view.h"

static int complain(const char *path, const char *why)
{
	fprintf(stderr, "hp-diff: cannot write '%s': %s\n", path, why);
	return -1;
}

/* ---- the base ---------------------------------------------------------------------------------------------------- */

static int refuse_base(struct diff *d, const struct view *v, const char *fmt, uint64_t addr)
{
	refuse_add(d, CAUSE_COLD_BASE, v->path, fmt, (unsigned long long)addr);
	return -1;
}

static bool old_bytes_match(const struct view *v, const struct write *w)
{
	const uint8_t *bytes = view_at(v, w->w.addr, w->w.size);
	uint32_t i;

	for (i = 0; bytes && i < w->w.size; i++)
		if (bytes[i] != (w->old ? w->old[i] : 0xcc))
			return false;
	return bytes;
}

/* The base is OLD, or a copy of it in which everything that matters is the same. */
static int check_base(struct diff *d, const struct view *v)
{
	const uint8_t *note = view_at(v, d->old->note_addr, sizeof d->old->note), *id;
	uint32_t size = 0, i;

	id = view_build_id(v, &size);
	if (!id || size != d->old->build_id_size || memcmp(id, d->old->build_id, size))
		return refuse_base(d, v, "its build-id is not that of OLD", 0);
	if (!note || memcmp(note, &d->old->note, sizeof d->old->note))
		return refuse_base(d, v, "its note at 0x%llx is not that of OLD", d->old->note_addr);
	if (!view_at(v, d->old->registry, sizeof(struct hp_registry)))
		return refuse_base(d, v, "it has no registry at 0x%llx", d->old->registry);
	for (i = 0; i < d->nwrites; i++)
		if (!old_bytes_match(v, &d->writes[i]))
			return refuse_base(d, v, "its bytes at 0x%llx are not those of OLD", d->writes[i].w.addr);
	return 0;
}

static void apply(const struct diff *d, const struct view *v)
{
	uint32_t i;

	for (i = 0; i < d->nwrites; i++)
		memcpy(view_at(v, d->writes[i].w.addr, d->writes[i].w.size), d->writes[i].new_, d->writes[i].w.size);
	registry_set(d, (struct hp_registry *)view_at(v, d->old->registry, sizeof(struct hp_registry)));
}

/* ---- symbols ----------------------------------------------------------------------------------------------------- */

/* Symbol and string table, grown by what the patch brings. */
struct tables {
	Elf64_Sym *sym; uint64_t nsym;
	char *str; uint64_t nstr;
	uint32_t symtab, strtab;        /* section header indices, 0: the file has none */
};

static void add_symbol(struct tables *t, const struct view *v, const struct item *item, const char *name)
{
	uint64_t n = strlen(name) + 1;
	Elf64_Sym *s;

	t->sym = xrealloc(t->sym, (t->nsym + 1) * sizeof *t->sym);
	t->str = xrealloc(t->str, t->nstr + n);
	memcpy(t->str + t->nstr, name, n);
	s = &t->sym[t->nsym++];
	s->st_name = t->nstr;
	s->st_info = ELF64_ST_INFO(STB_GLOBAL, item->code ? STT_FUNC : STT_OBJECT);
	s->st_other = STV_HIDDEN;
	s->st_shndx = view_section_at(v, item->addr);
	s->st_value = item->addr;
	s->st_size = item->size;
	t->nstr += n;
}

/* The new ones stand at the end and are global, whatever they were: so no index changes that a relocation may hold. */
static void grow_tables(const struct diff *d, const struct view *v, struct tables *t)
{
	const Elf64_Shdr *symtab = &v->shdr[t->symtab], *strtab = &v->shdr[t->strtab];
	const struct item *item;

	t->nsym = symtab->sh_size / sizeof *t->sym;
	t->sym = xmemdup(v->raw + symtab->sh_offset, t->nsym * sizeof *t->sym, t->nsym * sizeof *t->sym);
	t->nstr = strtab->sh_size;
	t->str = xmemdup(v->raw + strtab->sh_offset, t->nstr, t->nstr);
	for (item = d->items; item; item = item->next)
		if (item->name && (item->code || item->object))
			add_symbol(t, v, item, item->name);
}

static void find_tables(const struct view *v, struct tables *t)
{
	uint32_t i;

	memset(t, 0, sizeof *t);
	for (i = 1; i < v->nshdr; i++)
		if (v->shdr[i].sh_type == SHT_SYMTAB && v->shdr[i].sh_entsize == sizeof(Elf64_Sym) &&
		    v->shdr[i].sh_link < v->nshdr && v->shdr[v->shdr[i].sh_link].sh_type == SHT_STRTAB) {
			t->symtab = i;
			t->strtab = v->shdr[i].sh_link;
		}
}

/* ---- laying out the tail ----------------------------------------------------------------------------------------- */

struct output { int fd; const char *path; uint64_t at; };

static int out_bytes(struct output *o, const void *bytes, uint64_t n)
{
	const uint8_t *p = bytes;
	ssize_t done;

	for (; n; p += done, n -= done, o->at += done) {
		done = write(o->fd, p, n);
		if (done < 0 && errno == EINTR)
			done = 0;
		else if (done <= 0)
			return complain(o->path, strerror(errno));
	}
	return 0;
}

static int out_align(struct output *o, uint64_t align)
{
	static const uint8_t zero[4096];

	if (align < 2 || align > sizeof zero || o->at % align == 0)
		return 0;
	return out_bytes(o, zero, align - o->at % align);
}

static bool may_move(const Elf64_Shdr *s)
{
	return s->sh_type != SHT_NULL && s->sh_type != SHT_NOBITS && !(s->sh_flags & SHF_ALLOC);
}

/* Where the tail begins: no loaded byte and no segment lies behind it. */
static uint64_t tail_start(const struct view *v, const struct tables *t)
{
	uint64_t symtab = v->shdr[t->symtab].sh_offset, strtab = v->shdr[t->strtab].sh_offset;
	uint64_t start = symtab < strtab ? symtab : strtab;
	uint32_t i;

	for (i = 1; i < v->nshdr; i++)
		if (v->shdr[i].sh_type != SHT_NOBITS && !may_move(&v->shdr[i]) &&
		    v->shdr[i].sh_offset + v->shdr[i].sh_size > start)
			start = v->size;
	for (i = 0; i < v->nphdr; i++)
		if (v->phdr[i].p_offset + v->phdr[i].p_filesz > start)
			start = v->size;
	return start;
}

struct moved { uint64_t old_offset; uint32_t index; };

static int compare_moved(const void *a, const void *b)
{
	const struct moved *x = a, *y = b;

	if (x->old_offset != y->old_offset)
		return x->old_offset < y->old_offset ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static struct moved *moved_sections(const struct view *v, const struct tables *t, uint64_t start, uint32_t *n)
{
	struct moved *list = xmalloc((v->nshdr + 1) * sizeof *list);
	uint32_t i;

	for (i = 1, *n = 0; i < v->nshdr; i++)
		if (i == t->symtab || i == t->strtab || (may_move(&v->shdr[i]) && v->shdr[i].sh_offset >= start))
			list[(*n)++] = (struct moved){ v->shdr[i].sh_offset, i };
	qsort(list, *n, sizeof *list, compare_moved);
	return list;
}

static int out_section(struct output *o, const struct view *v, const struct tables *t, Elf64_Shdr *s, uint32_t index)
{
	const uint8_t *bytes = v->raw + s->sh_offset;

	if (out_align(o, s->sh_addralign) < 0)
		return -1;
	if (index == t->symtab) {
		bytes = (const uint8_t *)t->sym;
		s->sh_size = t->nsym * sizeof *t->sym;
	} else if (index == t->strtab) {
		bytes = (const uint8_t *)t->str;
		s->sh_size = t->nstr;
	}
	s->sh_offset = o->at;
	return out_bytes(o, bytes, s->sh_size);
}

/* Head, moved sections, section headers. The file header, written with the head, is set right at the end. */
static int out_with_symbols(struct output *o, const struct view *v, const struct tables *t)
{
	uint64_t start = tail_start(v, t);
	Elf64_Shdr *shdr = xmemdup(v->shdr, v->nshdr * sizeof *shdr, v->nshdr * sizeof *shdr);
	Elf64_Ehdr head = *v->ehdr;
	uint32_t i, n;
	struct moved *list = moved_sections(v, t, start, &n);
	int rc = out_bytes(o, v->raw, start);

	for (i = 0; i < n && !rc; i++)
		rc = out_section(o, v, t, &shdr[list[i].index], list[i].index);
	if (!rc)
		rc = out_align(o, 8);
	head.e_shoff = o->at;
	if (!rc)
		rc = out_bytes(o, shdr, v->nshdr * sizeof *shdr);
	if (!rc && pwrite(o->fd, &head, sizeof head, 0) != sizeof head)
		rc = complain(o->path, strerror(errno));
	free(list);
	free(shdr);
	return rc;
}

static int out_file(struct diff *d, struct output *o, const struct view *v)
{
	struct tables t;
	int rc;

	find_tables(v, &t);
	if (!t.symtab)
		return out_bytes(o, v->raw, v->size);
	grow_tables(d, v, &t);
	rc = out_with_symbols(o, v, &t);
	free(t.sym);
	free(t.str);
	return rc;
}

int coldfile_write(struct diff *d, int fd, const char *path)
{
	struct output o = { fd, path, 0 };
	struct view v;
	int rc = view_open(&v, d->opt.cold_base ? d->opt.cold_base : d->opt.old_path);

	if (!rc)
		rc = check_base(d, &v);
	if (!rc) {
		apply(d, &v);
		rc = out_file(d, &o, &v);
	}
	view_close(&v);
	return rc;
}

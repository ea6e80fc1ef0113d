/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The coldpatch: the file that ships, with the patch already in it.
 *
 * Its bytes are those of OLD, or of its stripped copy, with the writes of the patch applied at their file offsets and the
 * registry saying so. Nothing that is loaded moves. Where the file has a symbol table, the new functions get symbols, so
 * that debuggers and profilers name them, and unwind entries in .debug_frame, because those look into sections of the
 * file. What stands behind the loaded part is then laid out anew:
 *
 *   loaded part, .comment, .debug_*   unchanged
 *   .symtab, .strtab and what follows in the order in which it stood, then the section headers
 *
 * An image that outgrew the arena stands before that tail, as a load segment of its own (loadseg.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <libiberty/libiberty.h>

#include "output.h"
#include "loadseg.h"
#include "../runtime/engine.h"

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

/* The base is OLD, or a copy of it in which everything that matters is the same. */
static int check_base(struct diff *d, const struct view *v)
{
	const uint8_t *note = view_at(v, d->old->note_addr, sizeof d->old->note), *id;
	uint32_t size = 0;

	id = view_build_id(v, &size);
	if (!id || size != d->old->build_id_size || memcmp(id, d->old->build_id, size))
		return refuse_base(d, v, "its build-id is not that of OLD", 0);
	if (!note || memcmp(note, &d->old->note, sizeof d->old->note))
		return refuse_base(d, v, "its note at 0x%llx is not that of OLD", d->old->note_addr);
	if (!view_at(v, d->old->registry, sizeof(struct hp_registry)))
		return refuse_base(d, v, "it has no registry at 0x%llx", d->old->registry);
	return 0;
}

/* The file is patched by the engine that patches processes. */
static int apply(struct diff *d, const struct view *v)
{
	struct target_buffer file;
	struct engine e = { .target = &file.target, .patch = (const struct hp_patch *)d->patch };
	enum hp_fault fault = hp_patch_check(d->patch, d->patch_size);

	if (fault) {
		refuse_add(d, CAUSE_VERIFY, "", "the patch is malformed: %s", hp_fault_text(fault));
		return -1;
	}
	if (target_buffer_init(&file, v->raw, v->size) < 0)
		return refuse_base(d, v, "it can't be patched", 0);
	fault = engine_check(&e);
	if (!fault)
		fault = engine_apply(&e);
	if (!fault)
		return 0;
	refuse_add(d, CAUSE_COLD_BASE, v->path, "at 0x%llx: %s", (unsigned long long)e.bad, hp_fault_text(fault));
	return -1;
}

/* ---- symbols ----------------------------------------------------------------------------------------------------- */

/* Symbol and string table, grown by what the patch brings. */
struct tables {
	Elf64_Sym *sym; uint64_t nsym;
	char *str; uint64_t nstr;
	char *shstr; uint64_t nshstr;
	uint32_t symtab, strtab, shstrtab;      /* section header indices, 0: the file has none, or it stays as it is */
	struct loadseg seg;             /* size 0: the image fitted into the arena */
	uint32_t nshdr;                 /* with the new sections */
	bool frames;                    /* .debug_frame is added */
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
	s->st_shndx = item->addr - t->seg.addr < t->seg.image_size ? v->nshdr : view_section_at(v, item->addr);
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

	for (i = 1; i < v->nshdr; i++)
		if (v->shdr[i].sh_type == SHT_SYMTAB && v->shdr[i].sh_entsize == sizeof(Elf64_Sym) &&
		    v->shdr[i].sh_link < v->nshdr && v->shdr[v->shdr[i].sh_link].sh_type == SHT_STRTAB) {
			t->symtab = i;
			t->strtab = v->shdr[i].sh_link;
		}
	i = v->ehdr->e_shstrndx;
	t->frames = t->frames && t->symtab;
	if ((t->seg.size || t->frames) && i < v->nshdr && v->shdr[i].sh_type == SHT_STRTAB)
		t->shstrtab = i;
}

/* A new section's name; when the names share the symbols' string table, it goes there. */
static uint32_t add_section_name(struct tables *t, const struct view *v, const char *name)
{
	char **str = t->shstrtab == t->strtab ? &t->str : &t->shstr;
	uint64_t *n = t->shstrtab == t->strtab ? &t->nstr : &t->nshstr, size = strlen(name) + 1;
	const Elf64_Shdr *s = &v->shdr[t->shstrtab];

	if (!*str) {
		*n = s->sh_size;
		*str = xmemdup(v->raw + s->sh_offset, *n, *n);
	}
	*str = xrealloc(*str, *n + size);
	memcpy(*str + *n, name, size);
	*n += size;
	return *n - size;
}

/* Symbols of sections that moved for the new program header move along. */
static void move_symbols(struct tables *t)
{
	uint64_t i;

	for (i = 0; i < t->nsym && !hp_broken("moved-symbols"); i++)
		if (t->sym[i].st_shndx != SHN_ABS && t->sym[i].st_shndx != SHN_UNDEF &&
		    t->sym[i].st_value - t->seg.moved < t->seg.moved_size)
			t->sym[i].st_value += t->seg.addr + t->seg.moved_to - t->seg.moved;
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

static bool is_replaced(const struct tables *t, uint32_t i)
{
	return i && (i == t->symtab || i == t->strtab || i == t->shstrtab);
}

/* Where the tail begins: no loaded byte and no segment lies behind it. */
static uint64_t tail_start(const struct view *v, const struct tables *t)
{
	uint64_t start = v->size;
	uint32_t i;

	for (i = 1; i < v->nshdr; i++)
		if (is_replaced(t, i) && v->shdr[i].sh_offset < start)
			start = v->shdr[i].sh_offset;
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
		if (is_replaced(t, i) || (may_move(&v->shdr[i]) && v->shdr[i].sh_offset >= start))
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
	} else if (index == t->shstrtab) {
		bytes = (const uint8_t *)t->shstr;
		s->sh_size = t->nshstr;
	}
	s->sh_offset = o->at;
	return out_bytes(o, bytes, s->sh_size);
}

static int out_segment(struct output *o, const struct loadseg *seg)
{
	if (!seg->size)
		return 0;
	return out_align(o, 4096) < 0 ? -1 : out_bytes(o, seg->bytes, seg->size);
}

static void describe_segment(Elf64_Shdr *s, const struct tables *t, uint32_t name)
{
	*s = (Elf64_Shdr){ .sh_name = name, .sh_type = SHT_PROGBITS, .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
			   .sh_addr = t->seg.addr, .sh_offset = t->seg.file, .sh_size = t->seg.image_size,
			   .sh_addralign = 4096 };
}

static void describe_frames(Elf64_Shdr *s, const struct diff *d, uint32_t name)
{
	*s = (Elf64_Shdr){ .sh_name = name, .sh_type = SHT_PROGBITS, .sh_size = d->debug_frame_size, .sh_addralign = 8 };
}

/* The last of the section headers is that of .debug_frame, if it is added. */
static int out_frames(const struct diff *d, struct output *o, const struct tables *t, Elf64_Shdr *shdr)
{
	if (!t->frames)
		return 0;
	if (out_align(o, 8) < 0)
		return -1;
	shdr[t->nshdr - 1].sh_offset = o->at;
	return out_bytes(o, d->debug_frame, d->debug_frame_size);
}

/* Head, load segment, moved sections, section headers. The file header, written with the head, is set right last. */
static int out_parts(const struct diff *d, struct output *o, const struct view *v, const struct tables *t,
		     uint64_t start, Elf64_Shdr *shdr)
{
	Elf64_Ehdr head = *v->ehdr;
	uint32_t i, n;
	struct moved *list = moved_sections(v, t, start, &n);
	int rc = out_bytes(o, v->raw, start);

	if (!rc)
		rc = out_segment(o, &t->seg);
	for (i = 0; i < n && !rc; i++)
		rc = out_section(o, v, t, &shdr[list[i].index], list[i].index);
	if (!rc)
		rc = out_frames(d, o, t, shdr);
	if (!rc)
		rc = out_align(o, 8);
	head.e_shoff = o->at;
	head.e_shnum = t->nshdr;
	if (!rc)
		rc = out_bytes(o, shdr, t->nshdr * sizeof *shdr);
	if (!rc && pwrite(o->fd, &head, sizeof head, 0) != sizeof head)
		rc = complain(o->path, strerror(errno));
	free(list);
	return rc;
}

/* Tables and headers for what is new; then the file. */
static int out_with_tables(struct diff *d, struct output *o, struct view *v, struct tables *t, uint64_t start)
{
	Elf64_Shdr *shdr = xcalloc(v->nshdr + 2, sizeof *shdr);
	int rc;

	if (t->symtab) {
		grow_tables(d, v, t);
		move_symbols(t);
	}
	memcpy(shdr, v->shdr, v->nshdr * sizeof *shdr);
	t->nshdr = v->nshdr;
	if (t->shstrtab && t->seg.size)
		describe_segment(&shdr[t->nshdr++], t, add_section_name(t, v, ".hp.text"));
	t->frames = t->frames && t->shstrtab;
	if (t->frames)
		describe_frames(&shdr[t->nshdr++], d, add_section_name(t, v, ".debug_frame"));
	rc = out_parts(d, o, v, t, start, shdr);
	free(shdr);
	return rc;
}

static bool has_section(const struct view *v, const char *name)
{
	const Elf64_Shdr *names = v->ehdr->e_shstrndx < v->nshdr ? &v->shdr[v->ehdr->e_shstrndx] : NULL;
	uint64_t n = strlen(name) + 1;
	uint32_t i;

	for (i = 1; names && i < v->nshdr; i++)
		if (v->shdr[i].sh_name <= names->sh_size && n <= names->sh_size - v->shdr[i].sh_name &&
		    !memcmp(v->raw + names->sh_offset + v->shdr[i].sh_name, name, n))
			return true;
	return false;
}

static int out_file(struct diff *d, struct output *o, struct view *v)
{
	struct tables t = { .seg.size = d->mapped, .frames = d->debug_frame_size && !has_section(v, ".debug_frame") };
	uint64_t start;
	int rc = 0;

	find_tables(v, &t);
	start = tail_start(v, &t);
	if (d->mapped)
		rc = loadseg_add(d, v, &t.seg, (start + 4095) & -4096ull);
	if (!rc && !t.symtab && !t.shstrtab)
		rc = out_bytes(o, v->raw, v->size);
	else if (!rc)
		rc = out_with_tables(d, o, v, &t, start);
	free(t.sym);
	free(t.str);
	free(t.shstr);
	loadseg_release(&t.seg);
	return rc;
}

int coldfile_write(struct diff *d, int fd, const char *path)
{
	struct output o = { fd, path, 0 };
	struct view v;
	int rc = view_open(&v, d->opt.cold_base ? d->opt.cold_base : d->opt.old_path);

	if (!rc)
		rc = check_base(d, &v);
	if (!rc)
		rc = apply(d, &v);
	if (!rc)
		rc = out_file(d, &o, &v);
	view_close(&v);
	return rc;
}

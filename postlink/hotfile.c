/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * NAME.hp.o: the hotpatch as an ELF file, so that objdump, readelf and gdb show what is in it.
 *
 * What a module applies is the section .hp.patch alone. The other sections repeat the same bytes at the same addresses,
 * for people: an object file whose sections have the addresses that they will have in the module, relocated already.
 *
 *   .hp.text .hp.rodata .eh_frame .hp.boot   the image in the arena
 *   .hp.data                                 variables in the reserve (no contents)
 *   .hp.patch                                what is applied
 *   .note.package                            build-id and label, for `readelf -n`
 *   .hp.accepted                             what --accept let through, for `readelf -p`
 *
 *   gdb -p PID -ex 'add-symbol-file NAME.hp.o -o BASE'
 *
 * libbfd can't set a symbol's size (2.40: no public access), so st_size is filled in afterwards.
 */
#define PACKAGE "hotpatch"
#include <bfd.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <libiberty/libiberty.h>

#include "output.h"

struct hot_section {
	const char *name;
	flagword flags;
	uint64_t addr, size;
	const uint8_t *bytes;           /* NULL: no contents */
	unsigned align;                 /* log 2 */
	asection *bfd;
};

enum { TEXT, RODATA, UNWIND, BOOT, DATA, PATCH, NOTE, ACCEPTED, NSECTIONS };

static int complain(const char *path, const char *why)
{
	fprintf(stderr, "hp-diff: cannot write '%s': %s\n", path, why);
	return -1;
}

/* ---- sections ---------------------------------------------------------------------------------------------------- */

static int item_section(const struct item *item)
{
	if (item->writable)
		return DATA;
	if (item->code)
		return TEXT;
	return item->name && !strcmp(item->name, ".eh_frame") ? UNWIND : RODATA;
}

static void stretch(struct hot_section *s, uint64_t addr, uint64_t size)
{
	uint64_t end = s->addr + s->size;

	if (!s->size) {
		s->addr = addr;
		s->size = size;
		return;
	}
	if (addr < s->addr)
		s->addr = addr;
	if (addr + size > end)
		end = addr + size;
	s->size = end - s->addr;
}

/* Image bytes are taken from the write that carries them, or from the segment. */
static const uint8_t *image_contents(const struct diff *d, uint64_t addr, uint64_t size)
{
	uint32_t i;

	if (addr >= d->segment_addr && addr - d->segment_addr + size <= d->segment_size)
		return d->segment + (addr - d->segment_addr);
	for (i = 0; i < d->nwrites; i++) {
		const struct write *w = &d->writes[i];

		if (w->w.phase == HP_IMAGE && addr >= w->w.addr && addr + size <= w->w.addr + w->w.size)
			return w->new_ + (addr - w->w.addr);
	}
	return NULL;
}

static unsigned alignment_power(uint64_t addr, unsigned cap)
{
	unsigned power = addr ? (unsigned)__builtin_ctzll(addr) : cap;

	return power < cap ? power : cap;
}

/* Each section of a mapped segment reaches up to the next, so that libbfd lays them out without gaps of its own. */
static void close_gaps(struct hot_section s[NSECTIONS])
{
	int i, next;

	for (i = TEXT; i < UNWIND; i++) {
		for (next = i + 1; next < UNWIND && !s[next].size; next++)
			;
		if (s[i].size && s[next].size)
			s[i].size = s[next].addr - s[i].addr;
	}
}

static void describe_sections(const struct diff *d, struct hot_section s[NSECTIONS])
{
	const flagword loaded = SEC_ALLOC | SEC_LOAD | SEC_HAS_CONTENTS | SEC_READONLY;
	const struct item *item;
	int i;

	s[TEXT] = (struct hot_section){ .name = ".hp.text", .flags = loaded | SEC_CODE };
	s[RODATA] = (struct hot_section){ .name = ".hp.rodata", .flags = loaded | SEC_DATA };
	s[UNWIND] = (struct hot_section){ .name = ".eh_frame", .flags = loaded | SEC_DATA };
	s[BOOT] = (struct hot_section){ .name = ".hp.boot", .flags = loaded | SEC_DATA };
	s[DATA] = (struct hot_section){ .name = ".hp.data", .flags = SEC_ALLOC };
	for (item = d->items; item; item = item->next)
		stretch(&s[item_section(item)], item->addr, item->size);
	if (d->boot_size)
		stretch(&s[BOOT], d->boot_addr, d->boot_size);
	if (d->mapped)
		close_gaps(s);
	for (i = TEXT; i <= DATA; i++) {
		s[i].align = alignment_power(s[i].addr, s[i].addr == d->segment_addr ? 12 : 6);
		s[i].bytes = i == DATA ? NULL : image_contents(d, s[i].addr, s[i].size);
	}
	s[PATCH] = (struct hot_section){ .name = HP_PATCH_SECTION, .flags = SEC_HAS_CONTENTS | SEC_READONLY,
					 .size = d->patch_size, .bytes = d->patch, .align = 4 };
}

/* A string for JSON inside a note. */
static char *quoted(const char *text)
{
	char *out = xmalloc(6 * strlen(text) + 3), *o = out;

	for (*o++ = '"'; *text; text++) {
		if (*text == '"' || *text == '\\')
			*o++ = '\\';
		if ((unsigned char)*text < 0x20)
			o += sprintf(o, "\\u%04x", *text);
		else
			*o++ = *text;
	}
	strcpy(o, "\"");
	return out;
}

/* The packaging note that readelf prints as text: https://systemd.io/ELF_PACKAGE_METADATA */
static uint8_t *package_note(const struct diff *d, uint64_t *size)
{
	const char *slash = strrchr(d->opt.old_path, '/');
	char *name = quoted(slash ? slash + 1 : d->opt.old_path), *label = quoted(patch_label(d)), *text;
	char id[65] = "";
	Elf64_Nhdr head = { 4, 0, 0xcafe1a7e };
	uint8_t *note;
	uint32_t i;

	for (i = 0; i < d->old->build_id_size; i++)
		sprintf(id + 2 * i, "%02x", d->old->build_id[i]);
	text = xasprintf("{\"type\":\"hotpatch\",\"name\":%s,\"version\":%s,\"buildId\":\"%s\"}", name, label, id);
	head.n_descsz = strlen(text) + 1;
	*size = sizeof head + 4 + (head.n_descsz + 3) / 4 * 4;
	note = xcalloc(1, *size);
	memcpy(note, &head, sizeof head);
	memcpy(note + sizeof head, "FDO", 4);
	memcpy(note + sizeof head + 4, text, head.n_descsz);
	free(name);
	free(label);
	free(text);
	return note;
}

/* "CAUSE:NAME: what was seen", NUL-terminated, for each; NULL when nothing was accepted. */
static uint8_t *accepted_text(const struct diff *d, uint64_t *size)
{
	uint8_t *text = NULL;

	*size = 0;
	for (const struct refusal *r = d->accepted; r; r = r->next) {
		char *line = xasprintf("%s:%s: %s", cause_code(r->cause), r->where, r->detail);
		size_t n = strlen(line) + 1;

		text = xrealloc(text, *size + n);
		memcpy(text + *size, line, n);
		*size += n;
		free(line);
	}
	return text;
}

static bool make_section(bfd *abfd, struct hot_section *s)
{
	if (!s->size)
		return true;
	s->bfd = bfd_make_section_with_flags(abfd, s->name, s->flags);
	return s->bfd && bfd_set_section_vma(s->bfd, s->addr) && bfd_set_section_size(s->bfd, s->size) &&
	       bfd_set_section_alignment(s->bfd, s->align);
}

/* ---- symbols ----------------------------------------------------------------------------------------------------- */

struct symbols { asymbol **list; uint32_t n; };

static void add_symbol(bfd *abfd, struct symbols *t, const struct hot_section *s, const struct item *item,
		       const char *name, bool global)
{
	asymbol *sym = bfd_make_empty_symbol(abfd);

	sym->name = name;
	sym->section = s->bfd;
	sym->value = item->addr - s->addr;
	sym->flags = (global ? BSF_GLOBAL : BSF_LOCAL) | (item->code ? BSF_FUNCTION : BSF_OBJECT);
	t->list = xrealloc(t->list, (t->n + 2) * sizeof *t->list);
	t->list[t->n++] = sym;
	t->list[t->n] = NULL;
}

static void collect_symbols(const struct diff *d, bfd *abfd, struct hot_section *s, struct symbols *t)
{
	const struct item *item;
	const struct alias *a;

	t->list = xcalloc(1, sizeof *t->list);
	t->n = 0;
	for (item = d->items; item; item = item->next) {
		int i = item_section(item);

		if (!item->name || i == UNWIND || !s[i].bfd)
			continue;
		add_symbol(abfd, t, &s[i], item, item->name, item->object && item->object->global);
		for (a = item->object ? item->object->aliases : NULL; a; a = a->next)
			add_symbol(abfd, t, &s[i], item, a->name, a->global);
	}
}

/* Which item a symbol of the written file belongs to is told by its address. */
static const struct item *item_at(const struct diff *d, uint64_t addr, bool code)
{
	const struct item *item;

	for (item = d->items; item; item = item->next)
		if (item->addr == addr && item->code == code)
			return item;
	return NULL;
}

static void set_sizes(const struct diff *d, uint8_t *raw, const Elf64_Shdr *shdr, uint32_t symtab)
{
	Elf64_Sym *sym = (Elf64_Sym *)(raw + shdr[symtab].sh_offset);
	uint64_t i, n = shdr[symtab].sh_size / sizeof *sym;

	for (i = 1; i < n; i++) {
		unsigned type = ELF64_ST_TYPE(sym[i].st_info);
		const struct item *item = NULL;

		if (type == STT_FUNC || type == STT_OBJECT)
			item = item_at(d, shdr[sym[i].st_shndx].sh_addr + sym[i].st_value, type == STT_FUNC);
		if (item && !hp_broken("hot-sizes"))
			sym[i].st_size = item->size;
	}
}

/* A mapped segment is one run of bytes: sections stand in the file as far apart as in memory, int3 between them. */
static bool place_segment(const struct diff *d, uint8_t *raw, uint64_t size, const Elf64_Shdr *shdr, uint32_t n)
{
	uint32_t i;

	if (!d->mapped)
		return true;
	for (i = 1; i < n; i++)
		if (shdr[i].sh_flags & SHF_ALLOC && shdr[i].sh_addr - d->segment_addr < d->segment_size &&
		    shdr[i].sh_offset - HOT_SEGMENT_OFFSET != shdr[i].sh_addr - d->segment_addr)
			return false;
	if (size < HOT_SEGMENT_OFFSET + d->segment_size)
		return false;
	memcpy(raw + HOT_SEGMENT_OFFSET, d->segment, d->segment_size);
	return true;
}

/* The file was written a moment ago by libbfd, so its headers are taken as they are. */
static int fix_symbols(const struct diff *d, const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	const Elf64_Shdr *shdr;
	struct stat st;
	uint8_t *raw;
	uint32_t i;
	bool placed;

	if (fd < 0 || fstat(fd, &st) < 0)
		return complain(d->hot_path, strerror(errno));
	raw = mmap(NULL, st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (raw == MAP_FAILED)
		return complain(d->hot_path, strerror(errno));
	shdr = (Elf64_Shdr *)(raw + ((Elf64_Ehdr *)raw)->e_shoff);
	for (i = 1; i < ((Elf64_Ehdr *)raw)->e_shnum; i++)
		if (shdr[i].sh_type == SHT_SYMTAB)
			set_sizes(d, raw, shdr, i);
	placed = place_segment(d, raw, st.st_size, shdr, ((Elf64_Ehdr *)raw)->e_shnum);
	munmap(raw, st.st_size);
	fchmod(fd, 0644);
	close(fd);
	return placed ? 0 : complain(d->hot_path, "libbfd laid it out in another way than expected");
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

static bool write_contents(bfd *abfd, struct hot_section s[NSECTIONS])
{
	int i;

	for (i = 0; i < NSECTIONS; i++)
		if (s[i].bfd && s[i].bytes && !bfd_set_section_contents(abfd, s[i].bfd, s[i].bytes, 0, s[i].size))
			return false;
	return true;
}

static bool make_sections(bfd *abfd, struct hot_section s[NSECTIONS])
{
	int i;

	for (i = 0; i < NSECTIONS; i++)
		if (!make_section(abfd, &s[i]))
			return false;
	return true;
}

static bool fill_file(const struct diff *d, bfd *abfd, struct hot_section s[NSECTIONS], struct symbols *t)
{
	if (!bfd_set_format(abfd, bfd_object) || !bfd_set_arch_mach(abfd, bfd_arch_i386, bfd_mach_x86_64) ||
	    !bfd_set_file_flags(abfd, HAS_SYMS) || !make_sections(abfd, s))
		return false;
	collect_symbols(d, abfd, s, t);
	return bfd_set_symtab(abfd, t->list, t->n) && write_contents(abfd, s);
}

int hotfile_write(struct diff *d, const char *path)
{
	struct hot_section s[NSECTIONS] = { 0 };
	struct symbols t = { NULL, 0 };
	uint64_t note_size, accepted_size;
	uint8_t *note = package_note(d, &note_size), *accepted = accepted_text(d, &accepted_size);
	bool good;
	bfd *abfd;

	bfd_init();
	describe_sections(d, s);
	s[NOTE] = (struct hot_section){ .name = ".note.package", .flags = SEC_HAS_CONTENTS | SEC_READONLY,
					.size = note_size, .bytes = note, .align = 2 };
	s[ACCEPTED] = (struct hot_section){ .name = HP_ACCEPTED_SECTION, .flags = SEC_HAS_CONTENTS | SEC_READONLY,
					    .size = accepted_size, .bytes = accepted };
	abfd = bfd_openw(path, "elf64-x86-64");
	if (!abfd) {
		free(note);
		free(accepted);
		return complain(d->hot_path, bfd_errmsg(bfd_get_error()));
	}
	good = fill_file(d, abfd, s, &t);
	good = (good ? bfd_close(abfd) : (bfd_close_all_done(abfd), false));
	free(t.list);
	free(note);
	free(accepted);
	if (!good)
		return complain(d->hot_path, errno ? strerror(errno) : bfd_errmsg(bfd_get_error()));
	return fix_symbols(d, path);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a file to a struct image: opens it, judges whether it is an input at all, lays out its sections.
 *
 * BFD opens and judges the file and finds source lines. The tables themselves (section headers, symbols, relocations)
 * are read in place from a private mapping, with elf.h, here and in symbols.c, dynamic.c, eh.c and reloc.c. Two reasons:
 * BFD's public interface shows neither st_size nor st_other nor program headers, without which there are no objects;
 * and for 160 MB with 800 k symbols and 2.0 M relocations BFD takes 0.24 s and 240 MB where this takes 0.09 s and no
 * memory of its own. A pair would not fit into the gigabyte otherwise.
 *
 * Bad input gets one message: what could not be read, why, and what to do. The causes are those of refuse.def. Nothing
 * in the file is trusted: what is checked here once and what each reader checks itself stands in read.h.
 *
 * Left out: big-endian and 32-bit files (refused).
 */
#define PACKAGE "hotpatch"
#define _GNU_SOURCE              /* memmem() */
#include <bfd.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <libiberty/libiberty.h>
#include "read.h"

/* ---- messages ---------------------------------------------------------------------------------------------------- */

__attribute__((format(printf, 4, 5)))
static bool bad(const char *path, enum cause *cause, enum cause why, const char *fmt, ...)
{
	va_list ap;
	char text[256];

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	fprintf(stderr, "hp-diff: cannot read '%s': %s; %s\n", path, text, cause_remedy(why));
	*cause = why;
	return false;
}

static void say_nothing(const char *fmt ATTRIBUTE_UNUSED, va_list ap ATTRIBUTE_UNUSED) { }

/* bfd_check_format() without BFD's own messages: those about the format of a file pass by the error handler (2.40). */
static bool check_format_silently(bfd *abfd)
{
	int keep = dup(2), null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	bool ok;

	fflush(stderr);
	if (keep >= 0 && null >= 0)
		dup2(null, 2);
	ok = bfd_check_format(abfd, bfd_object);
	if (keep >= 0 && null >= 0)
		dup2(keep, 2);
	if (keep >= 0)
		close(keep);
	if (null >= 0)
		close(null);
	return ok;
}

/* ---- the file and its headers ------------------------------------------------------------------------------------ */

static bool map_file(struct image *img, int fd, enum cause *cause)
{
	struct input *in = input_of(img);
	struct stat st;

	if (fstat(fd, &st))
		return bad(img->path, cause, CAUSE_UNREADABLE, "%s", strerror(errno));
	if (S_ISDIR(st.st_mode))
		return bad(img->path, cause, CAUSE_NOT_ELF, "is a directory");
	if (!S_ISREG(st.st_mode))
		return bad(img->path, cause, CAUSE_UNREADABLE, "not a regular file");
	if (!st.st_size)
		return bad(img->path, cause, CAUSE_NOT_ELF, "the file is empty");
	in->size = img->file_size = st.st_size;
	in->raw = mapping_open(img->path, fd, &st, PROT_READ);
	return in->raw || bad(img->path, cause, CAUSE_UNREADABLE, "%s", strerror(errno));
}

static bool in_file(const struct input *in, uint64_t off, uint64_t size)
{
	return off <= in->size && size <= in->size - off;
}

/* Is it ELF of the one kind we know, finished by a linker? */
static bool check_header(struct image *img, enum cause *cause)
{
	struct input *in = input_of(img);
	const Elf64_Ehdr *e = (const void *)in->raw;
	const char *path = img->path;

	if (in->size < SELFMAG || memcmp(in->raw, ELFMAG, SELFMAG))
		return bad(path, cause, CAUSE_NOT_ELF, "not an ELF file");
	if (in->size < sizeof *e)
		return bad(path, cause, CAUSE_DAMAGED, "truncated in the ELF header");
	if (e->e_ident[EI_CLASS] != ELFCLASS64 || e->e_ident[EI_DATA] != ELFDATA2LSB)
		return bad(path, cause, CAUSE_MACHINE, "not a 64-bit little-endian file");
	if (e->e_machine != EM_X86_64)
		return bad(path, cause, CAUSE_MACHINE, "built for machine number %u, not for x86-64", e->e_machine);
	if (e->e_type == ET_CORE)
		return bad(path, cause, CAUSE_NOT_LINKED, "a core file, not a program");
	if (e->e_type != ET_EXEC && e->e_type != ET_DYN && e->e_type != ET_REL)
		return bad(path, cause, CAUSE_DAMAGED, "unknown ELF type %u", e->e_type);
	in->ehdr = e;
	if (e->e_type == ET_REL)
		img->kind = IMAGE_OBJECT;
	return true;
}

/* The mapping is ours alone: relocatable.c writes to it. */
static bool open_object(struct image *img, enum cause *cause)
{
	struct input *in = input_of(img);

	if (mprotect(in->raw, in->size, PROT_READ | PROT_WRITE))
		return bad(img->path, cause, CAUSE_UNREADABLE, "%s", strerror(errno));
	return relocatable_place(img) || bad(img->path, cause, CAUSE_DAMAGED, "sections overlap, or have no valid size or alignment");
}

static bool map_headers(struct image *img, enum cause *cause)
{
	struct input *in = input_of(img);
	const Elf64_Ehdr *e = in->ehdr;

	in->nphdr = e->e_phnum;
	in->nshdr = e->e_shnum;
	if (img->kind != IMAGE_OBJECT && (!e->e_phnum || e->e_phentsize != sizeof(Elf64_Phdr) || e->e_phoff % 8 ||
	    !in_file(in, e->e_phoff, (uint64_t)in->nphdr * sizeof(Elf64_Phdr))))
		return bad(img->path, cause, CAUSE_DAMAGED, "truncated: no program headers");
	if (!e->e_shoff && !e->e_shnum)
		return bad(img->path, cause, CAUSE_STRIPPED, "no section headers");
	if (e->e_shentsize != sizeof(Elf64_Shdr) || e->e_shoff % 8 || !in_file(in, e->e_shoff, sizeof(Elf64_Shdr)))
		return bad(img->path, cause, CAUSE_DAMAGED, "truncated: no section headers");
	if (img->kind == IMAGE_OBJECT)
		in->nphdr = 0;
	else
		in->phdr = (const void *)(in->raw + e->e_phoff);
	for (uint32_t i = 0; i < in->nphdr; i++)
		if (in->phdr[i].p_align & (in->phdr[i].p_align - 1))    /* BFD would complain for itself */
			return bad(img->path, cause, CAUSE_DAMAGED, "a program header has no valid alignment");
	in->shdr = (const void *)(in->raw + e->e_shoff);
	if (!in->nshdr && in->shdr->sh_size < in->size)
		in->nshdr = in->shdr->sh_size;
	if (!in->nshdr || !in_file(in, e->e_shoff, (uint64_t)in->nshdr * sizeof(Elf64_Shdr)))
		return bad(img->path, cause, CAUSE_DAMAGED, "truncated: section headers end behind the file");
	return true;
}

/* ---- sections ---------------------------------------------------------------------------------------------------- */

static uint64_t table_entry_size(const Elf64_Shdr *h)
{
	switch (h->sh_type) {
	case SHT_SYMTAB: case SHT_DYNSYM: return sizeof(Elf64_Sym);
	case SHT_RELA: return sizeof(Elf64_Rela);
	case SHT_RELR: return 8;
	case SHT_GNU_versym: return 2;
	}
	return 0;
}

/* Header I: contents inside the file, addresses that do not wrap, tables of whole aligned entries. */
static bool check_section(struct image *img, uint32_t i, const char *name, enum cause *cause)
{
	struct input *in = input_of(img);
	const Elf64_Shdr *h = &in->shdr[i];
	uint64_t entry = table_entry_size(h);

	if (h->sh_type != SHT_NOBITS && !in_file(in, h->sh_offset, h->sh_size))
		return bad(img->path, cause, CAUSE_DAMAGED, "truncated: section '%s' ends behind the file", name);
	if (h->sh_addr + h->sh_size < h->sh_addr || h->sh_size > INT64_MAX)
		return bad(img->path, cause, CAUSE_DAMAGED, "section '%s' ends behind the address space", name);
	if (entry && (h->sh_size % entry || h->sh_offset % (entry < 8 ? entry : 8) || h->sh_entsize != entry))
		return bad(img->path, cause, CAUSE_DAMAGED, "section '%s' is no table of %u-byte entries", name,
			   (unsigned)entry);
	if (h->sh_type == SHT_STRTAB && h->sh_size && in->raw[h->sh_offset + h->sh_size - 1])
		return bad(img->path, cause, CAUSE_DAMAGED, "string table '%s' does not end", name);
	if (h->sh_type == SHT_NOBITS && h->sh_size && (h->sh_flags & SHF_EXECINSTR || !strcmp(name, ".hp.facts")))
		return bad(img->path, cause, CAUSE_NOT_LINKED, "section '%s' has no contents, as in a file of debug information", name);
	if (h->sh_link >= in->nshdr)
		return bad(img->path, cause, CAUSE_DAMAGED, "section '%s' is linked to no section", name);
	return true;
}

static bool in_relro(const struct input *in, uint64_t addr)
{
	for (uint32_t i = 0; i < in->nphdr; i++)
		if (in->phdr[i].p_type == PT_GNU_RELRO && addr - in->phdr[i].p_vaddr < in->phdr[i].p_memsz)
			return true;
	return false;
}

static void fill_section(struct image *img, struct section *s, uint32_t i, const char *name)
{
	struct input *in = input_of(img);
	const Elf64_Shdr *h = &in->shdr[i];
	bool loaded = h->sh_flags & SHF_ALLOC;

	s->name = name;
	s->addr = h->sh_addr;
	s->size = h->sh_size;
	s->file = h->sh_offset;
	s->index = i;
	s->nobits = h->sh_type == SHT_NOBITS;
	if (!s->nobits && (loaded || !strcmp(name, ".hp.facts")))
		s->bytes = in->raw + h->sh_offset;
	s->exec = loaded && h->sh_flags & SHF_EXECINSTR;
	s->write = loaded && h->sh_flags & SHF_WRITE;
	s->tls = loaded && h->sh_flags & SHF_TLS;
	s->relro = loaded && (img->kind == IMAGE_OBJECT ? !strncmp(name, ".data.rel.ro", 12) : in_relro(in, h->sh_addr));
	if (!strcmp(name, ".hp.facts")) {
		img->facts = s->bytes;
		img->facts_size = s->size;
	}
}

static bool is_loaded(const struct input *in, const struct section *s)
{
	return in->shdr[s->index].sh_flags & SHF_ALLOC;
}

static const struct input *sorting;

/* Loaded ones first, by address; .tbss before what shares its address; the others as in the file. */
static int by_place(const void *pa, const void *pb)
{
	const struct section *a = pa, *b = pb;
	bool la = is_loaded(sorting, a), lb = is_loaded(sorting, b);

	if (la != lb)
		return la ? -1 : 1;
	if (la && a->addr != b->addr)
		return a->addr < b->addr ? -1 : 1;
	if (la && a->tls != b->tls)
		return a->tls ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

/* One number for each of 4096 equal stretches of the address space: the last section that starts before the stretch or
 * in its first byte. */
static void index_addresses(struct input *in)
{
	uint64_t high;
	uint32_t k = 0;

	if (!in->nby_addr)
		return;
	in->low = in->by_addr[0]->addr;
	high = in->by_addr[in->nby_addr - 1]->addr;
	while ((high - in->low) >> in->shift >= ARRAY_SIZE(in->stretch))
		in->shift++;
	for (uint64_t i = 0; i < ARRAY_SIZE(in->stretch); i++) {
		while (k + 1 < in->nby_addr && in->by_addr[k + 1]->addr - in->low <= i << in->shift)
			k++;
		in->stretch[i] = k;
	}
}

static void index_sections(struct image *img)
{
	struct input *in = input_of(img);

	sorting = in;
	qsort(img->sections, img->nsections, sizeof *img->sections, by_place);
	in->by_index = xcalloc(in->nshdr, sizeof *in->by_index);
	in->by_addr = xcalloc(img->nsections + 1, sizeof *in->by_addr);
	for (uint32_t i = 0; i < img->nsections; i++) {
		struct section *s = &img->sections[i];

		in->by_index[s->index] = s;
		if (is_loaded(in, s) && s->size && !(s->tls && s->nobits))
			in->by_addr[in->nby_addr++] = s;
	}
	index_addresses(in);
}

static bool read_sections(struct image *img, enum cause *cause)
{
	struct input *in = input_of(img);
	uint32_t names = in->ehdr->e_shstrndx == SHN_XINDEX ? in->shdr->sh_link : in->ehdr->e_shstrndx;
	const Elf64_Shdr *t;

	if (names >= in->nshdr || in->shdr[names].sh_type != SHT_STRTAB || !check_section(img, names, "names", cause))
		return names < in->nshdr && *cause != NCAUSES ? false :
			bad(img->path, cause, CAUSE_DAMAGED, "sections have no names");
	t = &in->shdr[names];
	img->sections = xcalloc(in->nshdr, sizeof *img->sections);
	for (uint32_t i = 1; i < in->nshdr; i++) {
		uint32_t off = in->shdr[i].sh_name;
		const char *name = off < t->sh_size ? (char *)in->raw + t->sh_offset + off : "";

		if (in->shdr[i].sh_type == SHT_NULL)
			continue;
		if (!check_section(img, i, name, cause))
			return false;
		fill_section(img, &img->sections[img->nsections++], i, name);
	}
	index_sections(img);
	return true;
}

/* ---- what kind of thing it is ------------------------------------------------------------------------------------ */

static bool is_pie(const struct input *in, const Elf64_Phdr *dynamic)
{
	const Elf64_Dyn *d;
	uint64_t n = dynamic->p_filesz / sizeof *d;

	if (dynamic->p_offset % 8 || !in_file(in, dynamic->p_offset, dynamic->p_filesz))
		return false;
	d = (const void *)(in->raw + dynamic->p_offset);
	for (uint64_t i = 0; i < n && d[i].d_tag != DT_NULL; i++)
		if (d[i].d_tag == DT_FLAGS_1)
			return d[i].d_un.d_val & DF_1_PIE;
	return false;
}

static void read_segments(struct image *img)
{
	struct input *in = input_of(img);
	const Elf64_Phdr *interp = NULL, *dynamic = NULL;

	for (uint32_t i = 0; i < in->nphdr; i++) {
		const Elf64_Phdr *p = &in->phdr[i];

		if (p->p_type == PT_INTERP)
			interp = p;
		if (p->p_type == PT_DYNAMIC)
			dynamic = p;
		if (p->p_type == PT_GNU_STACK)
			img->stack_is_code = p->p_flags & PF_X;
		if (p->p_type == PT_TLS) {
			img->tls_addr = p->p_vaddr;
			img->tls_size = p->p_memsz;
			img->tls_align = p->p_align ? p->p_align : 1;
		}
	}
	if (img->kind == IMAGE_OBJECT)
		return;
	img->entry = in->ehdr->e_entry;
	if (in->ehdr->e_type == ET_EXEC)
		img->kind = interp || dynamic ? IMAGE_EXEC : IMAGE_STATIC;
	else if (dynamic && is_pie(in, dynamic))
		img->kind = interp ? IMAGE_PIE : IMAGE_STATIC_PIE;
	else
		img->kind = IMAGE_SHARED;
}

/* ---- notes ------------------------------------------------------------------------------------------------------- */

static void take_note(struct image *img, const struct section *s, uint32_t type, const char *name, uint32_t namesz,
		      const uint8_t *desc, uint32_t descsz)
{
	if (type == NT_GNU_BUILD_ID && namesz == 4 && !memcmp(name, "GNU", 4) && descsz <= sizeof img->build_id) {
		memcpy(img->build_id, desc, descsz);
		img->build_id_size = descsz;
	}
	if (type == HP_NOTE_TYPE && namesz == sizeof HP_NOTE_NAME && !memcmp(name, HP_NOTE_NAME, namesz) &&
	    descsz >= 4 && !img->note_addr) {
		memcpy(&img->note, desc, descsz < sizeof img->note ? descsz : sizeof img->note);
		img->note_addr = s->addr + (desc - s->bytes);
	}
}

static void read_notes(struct image *img, const struct section *s, uint32_t align)
{
	uint64_t at = 0;
	Elf64_Nhdr n;

	while (s->size - at >= sizeof n) {
		uint64_t name, desc;

		memcpy(&n, s->bytes + at, sizeof n);
		name = at + sizeof n;
		desc = (name + n.n_namesz + align - 1) & -(uint64_t)align;
		if (desc > s->size || n.n_descsz > s->size - desc)
			return;
		take_note(img, s, n.n_type, (char *)s->bytes + name, n.n_namesz, s->bytes + desc, n.n_descsz);
		at = (desc + n.n_descsz + align - 1) & -(uint64_t)align;
		if (at > s->size)
			return;
	}
}

/* Offset of the room in the TLS block. In programs lld makes of it what counts from the thread pointer. */
static uint32_t tls_room(const struct image *img)
{
	int32_t at = img->note.tls;

	return at < 0 ? tls_address(img, at) - img->tls_addr : img->note.tls;
}

static bool check_note(struct image *img, enum cause *cause)
{
	const struct hp_note *n = &img->note;
	uint32_t tls;
	struct section *s;

	if (n->version != HP_ABI_VERSION)
		return bad(img->path, cause, CAUSE_VERSION, "built by a plugin of format version %u, this is for %u",
			   n->version, HP_ABI_VERSION);
	img->arena = img->note_addr + n->arena;
	img->arena_end = img->note_addr + n->arena_end;
	img->reserve = img->note_addr + n->reserve;
	img->reserve_end = img->note_addr + n->reserve_end;
	img->registry = img->note_addr + n->registry;
	img->stub = img->note_addr + n->stub;
	tls = tls_room(img);
	if (n->tls_size > img->tls_size || tls > img->tls_size - n->tls_size)
		return bad(img->path, cause, CAUSE_DAMAGED, "the note's room for thread-local variables is outside of the TLS block");
	img->tls_room = img->tls_addr + tls;
	img->tls_room_end = img->tls_room + n->tls_size;
	s = image_section_at(img, img->arena);
	if (!s || !s->exec || img->arena_end < img->arena || img->arena_end > s->addr + s->size)
		return bad(img->path, cause, CAUSE_DAMAGED, "the note's arena is no code section");
	s = image_section_at(img, img->reserve);
	if (!s || !s->write || img->reserve_end < img->reserve || img->reserve_end > s->addr + s->size)
		return bad(img->path, cause, CAUSE_DAMAGED, "the note's reserve is no data section");
	if (!image_bytes(img, img->registry, sizeof(struct hp_registry)))
		return bad(img->path, cause, CAUSE_DAMAGED, "the note's registry is not in the file");
	return true;
}

/* ---- the judgement ----------------------------------------------------------------------------------------------- */

static bool find_symtab(struct image *img, enum cause *cause)
{
	struct input *in = input_of(img);

	for (uint32_t i = 1; i < in->nshdr && !in->symtab; i++)
		if (in->shdr[i].sh_type == SHT_SYMTAB)
			in->symtab = i;
	if (!in->symtab || !in->shdr[in->symtab].sh_size)
		return bad(img->path, cause, CAUSE_STRIPPED, "no symbol table");
	in->sym = (const void *)input_bytes(in, in->symtab);
	in->nsym = in->shdr[in->symtab].sh_size / sizeof *in->sym;
	if (in->shdr[in->shdr[in->symtab].sh_link].sh_type != SHT_STRTAB)
		return bad(img->path, cause, CAUSE_DAMAGED, "the symbol table has no names");
	in->str = (const char *)input_bytes(in, in->shdr[in->symtab].sh_link);
	in->nstr = in->shdr[in->shdr[in->symtab].sh_link].sh_size;
	return true;
}

static bool has_relocs(const struct image *img)
{
	const struct input *in = input_of(img);

	for (uint32_t i = 1; i < in->nshdr; i++) {
		const Elf64_Shdr *h = &in->shdr[i];

		if (h->sh_type == SHT_RELA && !(h->sh_flags & SHF_ALLOC) && h->sh_link == in->symtab &&
		    h->sh_info < in->nshdr && in->shdr[h->sh_info].sh_flags & SHF_EXECINSTR)
			return true;
	}
	return false;
}

/* GNU ld, gold and lld leave relocations whose fields can be explained, or are refused one by one where they cannot. Of
 * mold's calls through the PLT and room above entries nothing is understood. */
static bool is_by_mold(const struct image *img)
{
	for (uint32_t i = 0; i < img->nsections; i++) {
		const struct section *s = &img->sections[i];
		const uint8_t *text = strcmp(s->name, ".comment") ? NULL : input_bytes(input_of(img), s->index);

		if (text && memmem(text, s->size, "mold ", 5))
			return true;
	}
	return false;
}

static bool open_bfd(struct image *img, int fd, enum cause *cause)
{
	struct input *in = input_of(img);

	bfd_init();
	bfd_set_error_handler(say_nothing);
	in->bfd = bfd_fdopenr(img->path, "elf64-x86-64", dup(fd));
	if (!in->bfd)
		return bad(img->path, cause, CAUSE_UNREADABLE, "%s", bfd_errmsg(bfd_get_error()));
	if (!check_format_silently(in->bfd))
		return bad(img->path, cause, CAUSE_DAMAGED, "%s", bfd_errmsg(bfd_get_error()));
	return true;
}

static bool read_file(struct image *img, int fd, enum cause *cause)
{
	struct input *in = input_of(img);

	if (!map_file(img, fd, cause) || !check_header(img, cause) || !map_headers(img, cause) ||
	    (img->kind == IMAGE_OBJECT && !open_object(img, cause)) || !read_sections(img, cause) ||
	    !open_bfd(img, fd, cause) || !find_symtab(img, cause))
		return false;
	read_segments(img);
	if (img->kind == IMAGE_OBJECT)
		relocatable_link(img);
	for (uint32_t i = 0; i < img->nsections; i++) {
		struct section *s = &img->sections[i];

		if (in->shdr[s->index].sh_type == SHT_NOTE && s->bytes)
			read_notes(img, s, in->shdr[s->index].sh_addralign == 8 ? 8 : 4);
	}
	img->relocs = has_relocs(img);
	return true;
}

/* Every object that the compiler makes names its file. An option that leaves out the symbols of static functions and
 * variables leaves out this one, too. (strip -g takes only this one; who can tell?) */
static bool has_local_symbols(const struct input *in)
{
	for (uint32_t i = 1; i < in->nsym; i++)
		if (ELF64_ST_TYPE(in->sym[i].st_info) == STT_FILE)
			return true;
	return false;
}

/* With -flto the code comes at the link. */
static bool check_object(struct image *img, enum cause *cause)
{
	bool code = false, later = false;

	for (uint32_t i = 0; i < img->nsections; i++) {
		later |= !strncmp(img->sections[i].name, ".gnu.lto_", 9);
		code |= img->sections[i].exec && img->sections[i].size;
	}
	return code || !later || bad(img->path, cause, CAUSE_NOT_LINKED, "an object file of -flto, without code");
}

/* What makes the file an input of hp-diff, beyond being a linked program. */
static bool check_build(struct image *img, enum cause *cause)
{
	if (img->kind == IMAGE_OBJECT)
		return check_object(img, cause);
	if (is_by_mold(img))
		return bad(img->path, cause, CAUSE_LINKER, "linked by mold");
	if (!img->note_addr)
		return bad(img->path, cause, CAUSE_NO_PLUGIN, "not built with the hotpatch plugin");
	if (!img->relocs)
		return bad(img->path, cause, CAUSE_NO_RELOCS, "linked without --emit-relocs");
	if (!img->build_id_size)
		return bad(img->path, cause, CAUSE_NO_BUILD_ID, "no build-id");
	if (!has_local_symbols(input_of(img)))
		return bad(img->path, cause, CAUSE_LOCALS, "no symbols of static functions and variables, or of their files");
	return check_note(img, cause);
}

static struct image *read_image(const char *path, enum cause *cause, bool any)
{
	struct image *img = xcalloc(1, sizeof *img);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum cause unused;
	bool ok;

	cause = cause ? cause : &unused;
	*cause = NCAUSES;
	img->path = path;
	img->private = xcalloc(1, sizeof(struct input));
	ok = fd >= 0 ? read_file(img, fd, cause) : bad(path, cause, CAUSE_UNREADABLE, "%s", strerror(errno));
	if (fd >= 0)
		close(fd);
	if (!ok || (!any && !check_build(img, cause))) {
		image_release(img);
		return NULL;
	}
	return img;
}

struct image *image_read(const char *path, enum cause *cause) { return read_image(path, cause, false); }
struct image *image_read_any(const char *path, enum cause *cause) { return read_image(path, cause, true); }

void image_fill(struct image *img)
{
	symbols_collect(img);
	dynamic_collect(img);
	eh_collect(img);
	refs_collect(img);
	if (img->kind != IMAGE_OBJECT)          /* relocatable.c wrote to it */
		pages_forget(input_of(img)->sym, input_of(img)->nsym * sizeof(Elf64_Sym));
}

void image_release(struct image *img)
{
	struct input *in;

	if (!img)
		return;
	in = input_of(img);
	eh_release(img);
	dynamic_release(img);
	symbols_release(img);
	free(img->refs);
	free(img->sections);
	free(in->by_index);
	free(in->by_addr);
	if (in->bfd)
		bfd_close(in->bfd);
	if (in->raw)
		mapping_close(in->raw);
	free(in);
	free(img);
}

/* ---- questions --------------------------------------------------------------------------------------------------- */

struct section *image_section_at(const struct image *img, uint64_t addr)
{
	const struct input *in = input_of(img);
	uint64_t at = (addr - in->low) >> in->shift;
	uint32_t i;

	if (!in->nby_addr || addr < in->low)
		return NULL;
	i = in->stretch[at < ARRAY_SIZE(in->stretch) ? at : ARRAY_SIZE(in->stretch) - 1];
	while (i + 1 < in->nby_addr && in->by_addr[i + 1]->addr <= addr)
		i++;
	return addr - in->by_addr[i]->addr < in->by_addr[i]->size ? in->by_addr[i] : NULL;
}

bool image_has_code_at(const struct image *img, uint64_t addr)
{
	const struct section *s = image_section_at(img, addr);

	return s && s->exec;
}

struct section *image_section_named(const struct image *img, const char *name)
{
	for (uint32_t i = 0; i < img->nsections; i++)
		if (img->sections[i].addr && !strcmp(img->sections[i].name, name))
			return &img->sections[i];
	return NULL;
}

const uint8_t *image_bytes(const struct image *img, uint64_t addr, uint64_t n)
{
	struct section *s = image_section_at(img, addr);

	return s && s->bytes && n <= s->size - (addr - s->addr) ? s->bytes + (addr - s->addr) : NULL;
}

unsigned image_line_at(const struct image *img, uint64_t addr)
{
	bfd *abfd = input_of(img)->bfd;
	const char *file, *func;
	unsigned line = 0;

	if (img->kind == IMAGE_OBJECT)          /* BFD does not know our addresses */
		return 0;
	for (asection *s = abfd->sections; s; s = s->next)
		if (bfd_section_flags(s) & SEC_CODE && addr - bfd_section_vma(s) < bfd_section_size(s)) {
			if (bfd_find_nearest_line(abfd, s, NULL, addr - bfd_section_vma(s), &file, &func, &line))
				return line;
			return 0;
		}
	return 0;
}

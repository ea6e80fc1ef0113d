/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An ELF file by its program headers: see view.h. Nothing of the file is trusted: each table is checked to lie in it. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "view.h"

static bool inside(const struct view *v, uint64_t off, uint64_t n)
{
	return off <= v->size && n <= v->size - off;
}

static int complain(const char *path, const char *what)
{
	fprintf(stderr, "hp-diff: cannot use '%s': %s\n", path, what);
	return -1;
}

static int map_file(struct view *v)
{
	struct stat st;

	v->fd = open(v->path, O_RDONLY | O_CLOEXEC);
	if (v->fd < 0 || fstat(v->fd, &st) < 0)
		return complain(v->path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return complain(v->path, "not a regular file");
	v->size = st.st_size;
	if (v->size < sizeof(Elf64_Ehdr))
		return complain(v->path, "not an ELF file");
	v->raw = mapping_open(v->path, v->fd, &st, PROT_READ | PROT_WRITE);
	return v->raw ? 0 : complain(v->path, strerror(errno));
}

static bool ehdr_is_ours(const Elf64_Ehdr *e)
{
	return !memcmp(e->e_ident, ELFMAG, SELFMAG) && e->e_ident[EI_CLASS] == ELFCLASS64 &&
	       e->e_ident[EI_DATA] == ELFDATA2LSB && e->e_machine == EM_X86_64 &&
	       (e->e_type == ET_EXEC || e->e_type == ET_DYN) && e->e_phentsize == sizeof(Elf64_Phdr);
}

static int check_segments(const struct view *v)
{
	uint32_t i;

	for (i = 0; i < v->nphdr; i++)
		if (v->phdr[i].p_type != PT_NULL && !inside(v, v->phdr[i].p_offset, v->phdr[i].p_filesz))
			return complain(v->path, "truncated");
	return 0;
}

/* Section headers serve symbols only: a file with damaged ones is used without. */
static void find_sections(struct view *v)
{
	const Elf64_Ehdr *e = v->ehdr;
	uint32_t i;

	if (e->e_shentsize != sizeof(Elf64_Shdr) || !e->e_shoff || e->e_shoff % 8 ||
	    !inside(v, e->e_shoff, (uint64_t)e->e_shnum * sizeof(Elf64_Shdr)))
		return;
	v->shdr = (Elf64_Shdr *)(v->raw + e->e_shoff);
	v->nshdr = e->e_shnum;
	for (i = 0; i < v->nshdr; i++)
		if (v->shdr[i].sh_type != SHT_NOBITS && v->shdr[i].sh_type != SHT_NULL &&
		    !inside(v, v->shdr[i].sh_offset, v->shdr[i].sh_size))
			v->nshdr = 0;
}

int view_open(struct view *v, const char *path)
{
	memset(v, 0, sizeof *v);
	v->path = path;
	if (map_file(v) < 0)
		return -1;
	v->ehdr = (Elf64_Ehdr *)v->raw;
	if (!ehdr_is_ours(v->ehdr))
		return complain(path, "not an x86-64 ELF program or shared library");
	v->nphdr = v->ehdr->e_phnum;
	if (v->ehdr->e_phoff % 8 || !inside(v, v->ehdr->e_phoff, (uint64_t)v->nphdr * sizeof(Elf64_Phdr)))
		return complain(path, "truncated");
	v->phdr = (Elf64_Phdr *)(v->raw + v->ehdr->e_phoff);
	if (check_segments(v) < 0)
		return -1;
	find_sections(v);
	return 0;
}

void view_close(struct view *v)
{
	if (v->raw)
		mapping_close(v->raw);
	if (v->fd >= 0)
		close(v->fd);
	v->raw = NULL;
	v->fd = -1;
}

uint8_t *view_at(const struct view *v, uint64_t addr, uint64_t n)
{
	uint32_t i;

	for (i = 0; i < v->nphdr; i++) {
		const Elf64_Phdr *p = &v->phdr[i];

		if (p->p_type == PT_LOAD && addr >= p->p_vaddr && addr - p->p_vaddr <= p->p_filesz &&
		    n <= p->p_filesz - (addr - p->p_vaddr))
			return v->raw + p->p_offset + (addr - p->p_vaddr);
	}
	return NULL;
}

static const uint8_t *build_id_in(const uint8_t *p, uint64_t n, uint64_t align, uint32_t *size)
{
	while (n >= sizeof(Elf64_Nhdr)) {
		const Elf64_Nhdr *note = (const Elf64_Nhdr *)p;
		uint64_t name = (note->n_namesz + align - 1ull) / align * align;
		uint64_t desc = (note->n_descsz + align - 1ull) / align * align, all = sizeof *note + name + desc;

		if (sizeof *note + name + note->n_descsz > n)
			break;
		if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && !memcmp(p + sizeof *note, "GNU", 4)) {
			*size = note->n_descsz;
			return p + sizeof *note + name;
		}
		if (all >= n)
			break;
		p += all;
		n -= all;
	}
	return NULL;
}

const uint8_t *view_build_id(const struct view *v, uint32_t *size)
{
	const uint8_t *id = NULL;
	uint32_t i;

	for (i = 0; i < v->nphdr && !id; i++)
		if (v->phdr[i].p_type == PT_NOTE && v->phdr[i].p_offset % 4 == 0)
			id = build_id_in(v->raw + v->phdr[i].p_offset, v->phdr[i].p_filesz,
					 v->phdr[i].p_align == 8 ? 8 : 4, size);
	return id;
}

uint32_t view_section_at(const struct view *v, uint64_t addr)
{
	uint32_t i;

	for (i = 1; i < v->nshdr; i++)
		if ((v->shdr[i].sh_flags & (SHF_ALLOC | SHF_TLS)) == SHF_ALLOC && addr >= v->shdr[i].sh_addr &&
		    addr - v->shdr[i].sh_addr < v->shdr[i].sh_size)
			return i;
	return SHN_ABS;
}

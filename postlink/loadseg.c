/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One more load segment in a finished file, for a coldpatch whose image outgrew the arena.
 *
 * The image takes the last pages of the reserve, which is the end of the data segment and has no bytes in the file. So
 * the data segment is cut to end before them, and a segment of its own, readable and executable, begins there:
 *
 *   LOAD RW  0x3df0 ... [ .data .bss reserve      ]             memsz cut
 *   LOAD RX                                        [ image ]    new, bytes at the end of the file
 *
 * GNU ld puts sections that it does not know by name behind the reserve. In a static program that is __libc_freeres_ptrs,
 * where the C library has some of its variables; they get a third segment, which has no bytes in the file:
 *
 *   LOAD RW                                                 [ ] new
 *
 * The program header table grows where it stands, by entries of 56 bytes: moving it breaks kernels before 5.18, strip
 * and objcopy. Behind it stand .interp and the notes, which are found through program headers only: the block of them
 * that is in the way moves to the end of the new segment. Should it hold the note of hotpatch, then its copy says the
 * same places by other distances; the original's descriptor stays where the startup stub looks for it, at 60 bytes or
 * more behind the table (a build-id note and its own name stand before it), in a static program at 92 or more (another
 * note), which has to be enough for two.
 *
 * Load segments stay in ascending order, all other entries as they were.
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>

#include "loadseg.h"

#define PAGE 4096ull

static uint64_t up(uint64_t n, uint64_t align)
{
	return (n + align - 1) / align * align;
}

static int refuse_room(struct diff *d, const char *what)
{
	refuse_add(d, CAUSE_ARENA, "", "it needs a load segment of its own, and %s", what);
	return -1;
}

/* ---- the block that is in the way -------------------------------------------------------------------------------- */

static bool is_movable(const Elf64_Phdr *p)
{
	return p->p_type == PT_INTERP || p->p_type == PT_NOTE || p->p_type == PT_GNU_PROPERTY;
}

/* Offsets [*lo, *hi) of the file: everything that the grown table would cover, and what shares a segment with it. */
static void find_block(const struct view *v, uint64_t table_end, uint32_t more, uint64_t *lo, uint64_t *hi)
{
	bool grown = true;
	uint32_t i;

	*lo = table_end;
	*hi = table_end + more * sizeof(Elf64_Phdr);
	while (grown) {
		for (i = 0, grown = false; i < v->nphdr; i++) {
			const Elf64_Phdr *p = &v->phdr[i];

			if (!is_movable(p) || p->p_offset >= *hi || p->p_offset + p->p_filesz <= *hi)
				continue;
			*hi = p->p_offset + p->p_filesz;
			grown = true;
		}
	}
}

/* Nothing but movable things may stand in the way. Without section headers the dynamic section tells what else is there,
 * and it is not asked: such files are refused. */
static bool block_is_free(const struct view *v, uint64_t lo, uint64_t hi)
{
	uint64_t interp = 0;
	uint32_t i;

	for (i = 0; i < v->nphdr; i++)
		if (v->phdr[i].p_type == PT_INTERP)
			interp = v->phdr[i].p_offset;
	for (i = 1; i < v->nshdr; i++) {
		const Elf64_Shdr *s = &v->shdr[i];

		if (!(s->sh_flags & SHF_ALLOC) || s->sh_type == SHT_NOBITS || s->sh_type == SHT_NOTE)
			continue;
		if (s->sh_offset < hi && s->sh_offset + s->sh_size > lo && s->sh_offset != interp)
			return false;
	}
	return v->nshdr;
}

static void move_block(struct view *v, const struct loadseg *s, uint64_t lo, uint64_t hi)
{
	uint64_t addr = s->addr + s->moved_to - s->moved, file = s->file + s->moved_to - lo;
	uint32_t i;

	for (i = 0; i < v->nphdr; i++)
		if (is_movable(&v->phdr[i]) && v->phdr[i].p_offset >= lo && v->phdr[i].p_offset < hi) {
			v->phdr[i].p_offset += file;
			v->phdr[i].p_vaddr += addr;
			v->phdr[i].p_paddr += addr;
		}
	for (i = 1; i < v->nshdr; i++)
		if (v->shdr[i].sh_flags & SHF_ALLOC && v->shdr[i].sh_type != SHT_NOBITS &&
		    v->shdr[i].sh_offset >= lo && v->shdr[i].sh_offset < hi) {
			v->shdr[i].sh_offset += file;
			v->shdr[i].sh_addr += addr;
		}
}

/* The copy of the note stands elsewhere, so its distances change. */
static void fix_note(const struct diff *d, struct loadseg *s)
{
	uint64_t off = d->old->note_addr - s->moved;
	struct hp_note *note;
	int32_t delta = s->addr + s->moved_to - s->moved;

	if (hp_broken("moved-note") || off >= s->moved_size || s->moved_size - off < sizeof *note)
		return;
	note = (struct hp_note *)(s->bytes + s->moved_to + off);
	note->arena -= delta;
	note->arena_end -= delta;
	note->reserve -= delta;
	note->reserve_end -= delta;
	note->registry -= delta;
	note->stub -= delta;
}

/* ---- the headers ------------------------------------------------------------------------------------------------- */

static Elf64_Phdr *data_segment(const struct view *v, uint64_t addr)
{
	uint32_t i;

	for (i = 0; i < v->nphdr; i++)
		if (v->phdr[i].p_type == PT_LOAD && addr >= v->phdr[i].p_vaddr &&
		    addr < v->phdr[i].p_vaddr + v->phdr[i].p_memsz)
			return &v->phdr[i];
	return NULL;
}

static bool is_last_load(const struct view *v, const Elf64_Phdr *data)
{
	uint32_t i;

	for (i = 0; i < v->nphdr; i++)
		if (v->phdr[i].p_type == PT_LOAD && v->phdr[i].p_vaddr > data->p_vaddr)
			return false;
	return true;
}

static void cut_sections(const struct view *v, uint64_t addr)
{
	uint32_t i;

	for (i = 1; i < v->nshdr; i++) {
		Elf64_Shdr *s = &v->shdr[i];

		if ((s->sh_flags & (SHF_ALLOC | SHF_TLS)) == SHF_ALLOC && s->sh_type == SHT_NOBITS &&
		    s->sh_addr < addr && s->sh_addr + s->sh_size > addr)
			s->sh_size = addr - s->sh_addr;
	}
}

static void insert_header(struct view *v, uint32_t at, Elf64_Phdr load)
{
	uint32_t i;

	load.p_type = PT_LOAD;
	load.p_paddr = load.p_vaddr;
	load.p_align = PAGE;
	memmove(&v->phdr[at + 1], &v->phdr[at], (v->nphdr - at) * sizeof *v->phdr);
	v->phdr[at] = load;
	v->nphdr++;
	v->ehdr->e_phnum++;
	for (i = 0; i < v->nphdr; i++)
		if (v->phdr[i].p_type == PT_PHDR)
			v->phdr[i].p_filesz = v->phdr[i].p_memsz = v->nphdr * sizeof *v->phdr;
}

/* Behind the segment AT, which was the last one: the image, and REST bytes that stand behind the reserve. */
static void insert_headers(struct diff *d, struct view *v, uint32_t at, const struct loadseg *s, uint64_t rest)
{
	insert_header(v, at + 1, (Elf64_Phdr){ .p_flags = PF_R | PF_X, .p_offset = s->file, .p_vaddr = s->addr,
					       .p_filesz = s->size, .p_memsz = s->size });
	if (rest)
		insert_header(v, at + 2, (Elf64_Phdr){ .p_flags = PF_R | PF_W, .p_offset = s->file + s->size,
						       .p_vaddr = d->old->reserve_end, .p_memsz = rest });
}

/* Bytes of DATA behind the reserve. */
static uint64_t behind_reserve(const struct diff *d, const Elf64_Phdr *data)
{
	uint64_t end = data->p_vaddr + data->p_memsz;

	return end > d->old->reserve_end ? end - d->old->reserve_end : 0;
}

int loadseg_add(struct diff *d, struct view *v, struct loadseg *s, uint64_t file)
{
	uint64_t table_end = v->ehdr->e_phoff + v->nphdr * sizeof *v->phdr, lo, hi, rest;
	Elf64_Phdr *data = data_segment(v, d->segment_addr);
	uint32_t first = 0, more, at = data ? data - v->phdr : 0;

	memset(s, 0, sizeof *s);
	if (!data || !is_last_load(v, data) || d->segment_addr < data->p_vaddr + data->p_filesz)
		return refuse_room(d, "the reserve is not the end of the last segment");
	rest = behind_reserve(d, data);
	more = rest ? 2 : 1;
	if (rest && d->old->reserve_end % PAGE)
		return refuse_room(d, "something stands in one page with the end of the reserve");
	find_block(v, table_end, more, &lo, &hi);
	while (v->phdr[first].p_type != PT_LOAD)
		first++;
	if (!block_is_free(v, lo, hi) || v->phdr[first].p_offset || hi > v->phdr[first].p_filesz ||
	    d->old->note_addr - v->phdr[first].p_vaddr < table_end + more * sizeof *v->phdr)
		return refuse_room(d, "no program header can be added: something else stands behind them");
	s->addr = d->segment_addr;
	s->file = file;
	s->image_size = d->segment_size;
	s->moved_to = up(d->segment_size, 64) + lo % 64;
	s->moved_size = hi - lo;
	s->moved = v->phdr[first].p_vaddr + (lo - v->phdr[first].p_offset);
	s->size = up(s->moved_to + s->moved_size, PAGE);
	s->bytes = xcalloc(1, s->size);
	memcpy(s->bytes, d->segment, d->segment_size);
	memcpy(s->bytes + s->moved_to, v->raw + lo, hi - lo);
	fix_note(d, s);
	data->p_memsz = s->addr - data->p_vaddr;
	cut_sections(v, s->addr);
	move_block(v, s, lo, hi);
	insert_headers(d, v, at, s, rest);
	return 0;
}

void loadseg_release(struct loadseg *s)
{
	free(s->bytes);
	s->bytes = NULL;
}

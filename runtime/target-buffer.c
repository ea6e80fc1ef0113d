/* SPDX-License-Identifier: MIT */
/*
 * A target in a buffer: the file of a module, for hp-diff's coldpatch. An address is found through the program headers;
 * what is not in the file (.bss) can be neither read nor written.
 */
#include <elf.h>
#include "bytes.h"
#include "engine.h"

/* Where the file holds SIZE bytes at ADDR, NULL when it doesn't. */
static uint8_t *buffer_at(struct target_buffer *b, uint64_t addr, uint64_t size)
{
	const Elf64_Ehdr *e = (const void *)b->image;
	const Elf64_Phdr *p = (const void *)(b->image + e->e_phoff);

	for (unsigned i = 0; i < e->e_phnum; i++, p++) {
		if (p->p_type != PT_LOAD || !range_inside(addr, size, p->p_vaddr, p->p_vaddr + p->p_filesz))
			continue;
		if (!range_fits(p->p_offset, p->p_filesz, b->size))
			return NULL;
		return b->image + p->p_offset + (addr - p->p_vaddr);
	}
	return NULL;
}

static int buffer_read(struct target *t, uint64_t addr, void *to, uint64_t size)
{
	const uint8_t *at = buffer_at(t->ctx, addr, size);

	if (!at)
		return -1;
	bytes_copy(to, at, size);
	return 0;
}

static int buffer_write(struct target *t, uint64_t addr, const void *from, uint64_t size)
{
	uint8_t *at = buffer_at(t->ctx, addr, size);

	if (!at)
		return -1;
	bytes_copy(at, from, size);
	return 0;
}

int target_buffer_init(struct target_buffer *b, void *image, uint64_t size)
{
	const Elf64_Ehdr *e = image;

	if (size < sizeof *e || !bytes_equal(e->e_ident, ELFMAG, SELFMAG) || e->e_ident[EI_CLASS] != ELFCLASS64 ||
	    e->e_phentsize != sizeof(Elf64_Phdr) || e->e_phoff % 8 ||
	    !range_fits(e->e_phoff, (uint64_t)e->e_phnum * sizeof(Elf64_Phdr), size))
		return -1;
	*b = (struct target_buffer) {
		.target = { .read = buffer_read, .write = buffer_write, .ctx = b }, .image = image, .size = size
	};
	return 0;
}

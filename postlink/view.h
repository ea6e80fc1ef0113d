/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An ELF file as its program headers show it, for the output side: the coldpatch while it is made and when it is read
 * back. Unlike struct image it takes stripped files, and its bytes may be changed.
 */
#ifndef HOTPATCH_VIEW_H
#define HOTPATCH_VIEW_H

#include <elf.h>
#include "diff.h"

struct view {
	const char *path;
	int fd;
	uint8_t *raw; uint64_t size;    /* private writable mapping: changes stay in memory */
	Elf64_Ehdr *ehdr;
	Elf64_Phdr *phdr; uint32_t nphdr;
	Elf64_Shdr *shdr; uint32_t nshdr;       /* 0: no section headers that can be used */
};

/* 0, or -1 after a message. Program headers lie in the file and so do their bytes; section headers likewise. */
int view_open(struct view *v, const char *path);
void view_close(struct view *v);
/* N file-backed bytes at address ADDR, NULL when they are not there. */
uint8_t *view_at(const struct view *v, uint64_t addr, uint64_t n);
/* The build-id, NULL when there is none. */
const uint8_t *view_build_id(const struct view *v, uint32_t *size);
/* Index of the section with addresses that contains ADDR, SHN_ABS when none does. */
uint32_t view_section_at(const struct view *v, uint64_t addr);

#endif

/* SPDX-License-Identifier: MIT */
/* The module that the stub stands in, as its own program headers describe it, and its memory as a target. */
#ifndef HOTPATCH_OWN_H
#define HOTPATCH_OWN_H

#include <elf.h>
#include "engine.h"

struct own {
	struct target target;
	const Elf64_Ehdr *ehdr;
	const Elf64_Phdr *phdrs;
	const uint8_t *build_id;
	uint32_t build_id_size;
	const struct hp_patch *patch;   /* its segments are mapped by now, NULL: none are */
	int mem;                        /* /proc/self/mem, -1: pages are made writable one by one */
};

/* Find the module around NOTE. False when its ELF header or its build-id isn't there. */
bool own_init(struct own *o, const struct hp_note *note);

/* Get ready to write to code, which is tried at ADDR; false when there is no way. own_close() after that. */
bool own_open(struct own *o, uint64_t addr);
void own_close(struct own *o);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One kept relocation and the reference that it stands for; see reloc.c. */
#ifndef RELOC_H
#define RELOC_H

#include "read.h"

/* The work on one section with its relocations. */
struct work {
	struct image *img;
	struct input *in;
	struct section *s;
	const Elf64_Rela *rela; uint64_t nrela;
	uint64_t i;                     /* relocation under way */
	uint64_t start;                 /* offset in the section where an instruction surely starts */
	uint64_t at;                    /* offset of the field under way */
	const Elf64_Sym *sym;
	struct ref *r;                  /* goes there */
};

/* Make of relocation w->i, whose field is as the linker left it, the ref *w->r. False: nothing of it is left, so there
 * is none. */
bool reloc_take(struct work *w);

/* R names ADDR, as a place of O: in it, or outside where the compiler had its reasons. */
void ref_to_object(struct ref *r, struct object *o, uint64_t addr);

#endif

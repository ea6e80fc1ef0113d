/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loadseg.c: one more load segment in a finished file. */
#ifndef HOTPATCH_LOADSEG_H
#define HOTPATCH_LOADSEG_H

#include "view.h"

struct loadseg {
	uint8_t *bytes; uint64_t size;  /* whole pages: the image, then what had to move for the program header */
	uint64_t addr, file;            /* file: chosen by the caller, page-aligned, where no byte of the file was */
	uint64_t image_size;
	uint64_t moved, moved_size;     /* old address and size of the block that moved, to addr + moved_to */
	uint64_t moved_to;
};

/* Changes the headers in V so that D's segment is loaded, and fills S, whose bytes the caller writes at S->file and
 * frees. 0, or -1 after a refusal. */
int loadseg_add(struct diff *d, struct view *v, struct loadseg *s, uint64_t file);
void loadseg_release(struct loadseg *s);

#endif

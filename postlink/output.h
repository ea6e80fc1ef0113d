/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files that emit.c writes, and the parts that make them. */
#ifndef HOTPATCH_OUTPUT_H
#define HOTPATCH_OUTPUT_H

#include "diff.h"

/* patchsec.c: fills diff.patch with the section .hp.patch. */
void patch_section(struct diff *d);
/* Where NAME.hp.o holds the bytes of a segment that is mapped. */
#define HOT_SEGMENT_OFFSET 4096
/* hotfile.c: writes the hotpatch to PATH, which exists and is empty. 0, or -1 after a message. */
int hotfile_write(struct diff *d, const char *path);
/* coldfile.c: writes the coldpatch to FD, named PATH in messages. 0, or -1 after a message or a refusal. */
int coldfile_write(struct diff *d, int fd, const char *path);
/* What --label said, or "". */
const char *patch_label(const struct diff *d);

#endif

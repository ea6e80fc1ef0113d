/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files that emit.c writes, and the parts that make them. */
#ifndef HOTPATCH_OUTPUT_H
#define HOTPATCH_OUTPUT_H

#include "diff.h"

/* patchsec.c: fills diff.patch with the section .hp.patch. */
void patch_section(struct diff *d);
/* hotfile.c: writes the hotpatch to PATH, which exists and is empty. 0, or -1 after a message. */
int hotfile_write(struct diff *d, const char *path);
/* coldfile.c: writes the coldpatch to FD, named PATH in messages. 0, or -1 after a message or a refusal. */
int coldfile_write(struct diff *d, int fd, const char *path);
/* The registry of a coldpatched file; the image of this is what the file holds at image.registry. */
void registry_set(const struct diff *d, struct hp_registry *r);
/* "CVE-..." or a name made from the file's. */
const char *patch_label(const struct diff *d);

#endif

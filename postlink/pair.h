/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pair.c: can OLD and NEW be compared at all? Each prints its message, if nothing else is
 * said, and adds the refusal for JSON. */
#ifndef HOTPATCH_PAIR_H
#define HOTPATCH_PAIR_H

#include "diff.h"

/* Before anything is read: 0, or -1 when the inputs are one file. */
int pair_check_files(struct diff *d);
/* 0, or -1 when they are not builds of one thing by one compiler with the same options. */
int pair_check(struct diff *d);
/* After they were read: 0, or -1 when somebody wrote to one meanwhile; the message is left to the caller. */
int pair_check_unchanged(struct diff *d);
/* True, after a message, when the files load the same bytes. */
bool pair_is_equal(struct diff *d);
/* Before anything is written: 0, or -1 when an output would replace an input. */
int pair_check_output(struct diff *d);

#endif

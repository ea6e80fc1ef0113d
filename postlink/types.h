/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Layouts of types, as the plugin recorded them in an image: T and S facts of plugin/FACTS. */
#ifndef HOTPATCH_TYPES_H
#define HOTPATCH_TYPES_H

#include "diff.h"

struct layout {
	const char *name;               /* "struct NAME", typedef's NAME, or _ZTS... */
	const char *size, *fields;      /* as in the fact */
	uint32_t hash;                  /* of the fact */
};

/* A unit's code uses a layout. */
struct use {
	const struct layout *layout;
	const char *unit;
	bool lives;                     /* objects may be elsewhere than in frames of functions */
};

struct types {
	const struct image *img;
	struct layout *layouts; uint32_t nlayouts;      /* ascending by hash */
	struct use *uses; uint32_t nuses;               /* ascending by name, unit */
};

void types_init(struct types *t, const struct image *img);
void types_release(struct types *t);
/* The uses of the layouts called NAME, in UNIT or (NULL) in all; the first of them and *n. */
const struct use *types_find(const struct types *t, const char *name, const char *unit, uint32_t *n);
/* How code that knows the layout NEW would misread an object of the layout OLD, for people; NULL when it would not. The
 * caller frees. */
char *layout_difference(const struct types *old_types, const struct layout *old, const struct layout *new);
/* The name as in the source. The caller frees. */
char *layout_plain_name(const struct layout *l);

#endif

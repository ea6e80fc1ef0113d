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
	bool constants;                 /* there are constants of it that a patch can replace */
};

struct types {
	const struct image *img;
	struct layout *layouts; uint32_t nlayouts;      /* ascending by hash */
	struct use *uses; uint32_t nuses;               /* ascending by name, unit */
};

/* The types of both builds, and which structs are taken for one while it is looked at what they hold. */
struct both {
	const struct types *old, *new;
	const struct renamed *renamed;  /* kinds.c */
};

void types_init(struct types *t, const struct image *img);
void types_release(struct types *t);
/* The uses of the layouts called NAME, in UNIT or (NULL) in all; the first of them and *n. */
const struct use *types_find(const struct types *t, const char *name, const char *unit, uint32_t *n);
/* The layout that all units know by this name, NULL when they know several or none. */
const struct layout *types_only(const struct types *t, const char *name);
/* How code that knows the layout NEW would misread an object of the layout OLD, for people; NULL when it would not. The
 * caller frees. */
char *layout_difference(struct both *b, const struct layout *old, const struct layout *new);
/* Code of NEW takes what is in a field or variable of the kind WAS for what it is. */
bool kind_fits(struct both *b, const char *was, size_t nwas, const char *now, size_t nnow);
/* What is between two kinds that do not fit. */
const char *kind_change(const char *was, size_t nwas, const char *now, size_t nnow);
/* The name in the kind of a struct, and *n; NULL for other kinds. */
const char *kind_struct(const char *kind, size_t nkind, size_t *n);
/* The name as in the source. The caller frees. */
char *layout_plain_name(const struct layout *l);

#endif

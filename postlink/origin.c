// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which file a function or variable is of. Two of one name need not be the same thing: static ones of two files, or a static
 * one and another file's global one. The linked file tells the file of local symbols; with -flto the plugin's facts do (O);
 * which files know a global symbol is told by other facts.
 */
#include <string.h>
#include "diff.h"
#include "facts.h"

static bool file_is_known(const struct object *o)
{
	return o->file && *o->file && *o->file != '<' && !strstr(o->file, ".ltrans");
}

/* The file that has O, NULL: unknown; *global: O is not of that file alone. */
static const char *origin(const struct object *o, bool *global)
{
	*global = o->global;
	return file_is_known(o) ? o->file : facts_origin(o, global);
}

const char *file_of(const struct object *o)
{
	bool global;
	const char *file = origin(o, &global);

	return file ? file : "";
}

/* O, which is global, may be what FILE had, or has, for itself. */
static bool may_be_of_file(const struct object *o, const char *origin, const char *file)
{
	return origin ? !strcmp(origin, file) : !o->global || facts_unit_knows(o, file);
}

bool file_differs(const struct object *old, const struct object *new)
{
	bool was_global, is_global;
	const char *was = origin(old, &was_global), *is = origin(new, &is_global);

	if (hp_broken("origin"))
		return false;
	if (was && is && !was_global && !is_global)
		return strcmp(was, is);
	if (was && !was_global)
		return !may_be_of_file(new, is, was);
	return is && !is_global && !may_be_of_file(old, was, is);
}

bool is_function_held(const struct object *old)
{
	const struct image *img = old->image;
	bool held = false;

	for (uint32_t i = 0; is_code(old) && i < img->nrefs && !held; i++) {
		const struct ref *r = &img->refs[i];
		const struct section *s = r->target == TARGET_OBJECT && r->object == old && r->kind != REF_CALL ?
			image_section_at(img, r->at) : NULL;

		held = s && strncmp(s->name, ".eh_frame", 9);
	}
	return held;
}

/* A variable that one file had for itself, where nobody tells which files know the one that all may know. */
bool may_be_shared_now(const struct object *old, const struct object *new)
{
	bool was_global, is_global;

	origin(old, &was_global);
	origin(new, &is_global);
	return !is_code(old) && was_global != is_global && !file_is_known(old) && !file_is_known(new);
}

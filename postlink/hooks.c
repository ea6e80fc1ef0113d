// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The hooks of a fix: functions of NEW with names that the macros of runtime/hotpatch.h give them.
 *
 * A hook that OLD has, too, belongs to an earlier fix, whose source was kept; it is not run again. constructors.c adds others.
 */
#include <string.h>
#include <libiberty/libiberty.h>
#include "diff.h"

static const struct { const char *prefix, *text; } kinds[] = {
	[HP_HOOK_PRE_APPLY] = { "hp_hook_pre_apply_", "pre-apply" },
	[HP_HOOK_POST_APPLY] = { "hp_hook_post_apply_", "post-apply" },
	[HP_HOOK_PRE_REVERT] = { "hp_hook_pre_revert_", "pre-revert" },
	[HP_HOOK_POST_REVERT] = { "hp_hook_post_revert_", "post-revert" },
	[HP_HOOK_CONSTRUCT] = { NULL, "constructor" },
};

#define NKINDS HP_HOOK_CONSTRUCT       /* those that are known by their names */

const char *hook_when_name(enum hp_hook_when when)
{
	return kinds[when].text;
}

/* The kind of hook that O is, NKINDS: none. */
static unsigned kind_of(const struct object *o)
{
	unsigned k = 0;

	while (k < NKINDS && (o->kind != OBJECT_FUNC || o->hot || strncmp(o->name, kinds[k].prefix, strlen(kinds[k].prefix))))
		k++;
	return k;
}

bool is_hook(const struct object *o)
{
	return kind_of(o) < NKINDS;
}

void hook_add(struct diff *d, struct object *o, enum hp_hook_when when, const char *name)
{
	d->hooks = xrealloc(d->hooks, (d->nhooks + 1) * sizeof *d->hooks);
	d->hooks[d->nhooks++] = (struct hook){ o, when, name };
}

void hooks_find(struct diff *d)
{
	for (uint32_t i = 0; i < d->new->nobjects; i++) {
		struct object *o = &d->new->objects[i];
		unsigned kind = kind_of(o);

		if (kind < NKINDS && !o->twin)
			hook_add(d, o, kind, o->name + strlen(kinds[kind].prefix));
	}
}

void hooks_refuse(struct diff *d)
{
	bool reached = false;

	for (uint32_t i = 0; i < d->new->nobjects; i++) {
		const struct object *o = &d->new->objects[i];

		reached = reached || o->redirected;
		if (o->twin && o->change == CHANGED && is_hook(o))
			refuse_add(d, CAUSE_HOOK_CHANGED, o->name, "%s", "");
	}
	for (uint32_t i = 0; i < d->nhooks && !reached; i++)
		refuse_add(d, CAUSE_HOOK_UNREACHED, d->hooks[i].name, "%s", "");
}

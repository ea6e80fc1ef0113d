// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Code that runs before the startup stub, and so before any patch, in a process that starts: resolvers of indirect
 * functions, which the dynamic linker calls while it binds; what stands before the stub in .preinit_array or .init_array;
 * what -Wl,-init=F names. That such a function itself changed others refuse; here it is what it calls.
 *
 *	static int has_fast(void) { return level > 2; }                         has_fast() changed
 *	static void *resolve(void) { return has_fast() ? fast : slow; }         and has chosen when the patch comes
 *	int work(void) __attribute__((ifunc("resolve")));
 *
 * Calls through pointers are not followed: what a resolver chooses from is a table, which may well change.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "diff.h"

/* What is called from one of them. */
struct calls {
	struct diff *d;
	bool *met;                      /* by object of NEW */
	struct object **todo; uint32_t ntodo;
};

static void meet(struct calls *c, struct object *o)
{
	if (!is_code(o) || c->met[o - c->d->new->objects])
		return;
	c->met[o - c->d->new->objects] = true;
	c->todo[c->ntodo++] = o;
}

/* The patch brings another one. */
static bool comes_late(const struct object *o)
{
	return o->kind != OBJECT_LABEL && o->twin && (o->included || (!is_code(o) && o->change == CHANGED));
}

/* What R of NEW leads to in this module, by its name, too, where it may be replaced; NULL: nothing. */
static struct object *target_of(const struct diff *d, const struct ref *r)
{
	if (r->target == TARGET_IMPORT)
		return image_find_import(d->new, r->import);
	return r->target == TARGET_OBJECT ? r->object : NULL;
}

/* The first such thing that ROOT comes by; NULL: there is none. What was met on the way to one has not been looked through:
 * another root may come by it, too. */
static const struct object *find_late(struct calls *c, struct object *root)
{
	const struct object *late = NULL;

	c->ntodo = 0;
	meet(c, root);
	while (c->ntodo && !late) {
		const struct object *o = c->todo[--c->ntodo];

		if (o->cold)
			meet(c, o->cold);
		for (uint32_t i = 0; i < o->nrefs && !late; i++) {
			const struct ref *r = &c->d->new->refs[o->first_ref + i];
			struct object *to = target_of(c->d, r);

			if (!to || (is_code(to) && r->kind != REF_CALL))
				continue;
			if (to != root && to != root->cold && comes_late(to))
				late = to;
			meet(c, to);
		}
	}
	if (late)
		memset(c->met, 0, c->d->new->nobjects * sizeof *c->met);
	return late;
}

static void judge(struct calls *c, enum cause cause, struct object *root)
{
	const struct object *late = find_late(c, root);

	if (late)
		refuse_unless_accepted(c->d, cause, root->name, "it runs before any patch, and comes by '%s', which changed",
				       late->name);
}

/* One that OLD lacks runs when it is needed (resolver.c). */
static void judge_resolvers(struct calls *c)
{
	for (uint32_t i = 0; i < c->d->new->nobjects; i++)
		if (c->d->new->objects[i].kind == OBJECT_IFUNC && c->d->new->objects[i].twin)
			judge(c, CAUSE_IFUNC, &c->d->new->objects[i]);
}

static bool is_stub(const struct object *o)
{
	return !strncmp(o->name, "__hp_", 5);
}

/* True when the stub is in the list NAME; all before it runs early. */
static bool judge_list(struct calls *c, const char *name)
{
	const struct image *new = c->d->new;
	const struct section *s = image_section_named(new, name);
	uint32_t n = 0;
	const struct ref *r = s ? image_refs_in(new, s->addr, s->addr + s->size, &n) : NULL;

	for (uint32_t i = 0; i < n; i++) {
		struct object *o = target_of(c->d, &r[i]);

		if (o && is_stub(o))
			return true;
		if (o)
			judge(c, CAUSE_NEW_CONSTRUCTOR, o);
	}
	return false;
}

static void judge_init(struct calls *c)
{
	uint64_t at;
	struct object *o = image_dynamic(c->d->new, DT_INIT, 0, &at) ? image_object_at(c->d->new, at) : NULL;

	if (o)
		judge(c, CAUSE_NEW_CONSTRUCTOR, o);
}

void refuse_early(struct diff *d)
{
	struct calls c = { .d = d };

	c.met = xcalloc(d->new->nobjects + 1, sizeof *c.met);
	c.todo = xmalloc((d->new->nobjects + 1) * sizeof *c.todo);
	judge_resolvers(&c);
	if (!judge_list(&c, ".preinit_array")) {
		judge_init(&c);
		judge_list(&c, ".init_array");
	}
	free(c.todo);
	free(c.met);
}

// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Constructors and destructors: those of a live process have run, or will run, as OLD has them. One that is new, gone or
 * changed is refused; with --startup a changed one is patched before it runs.
 *
 * A new one runs late where that is as good as in time, or is said to be (late.c): as a hook of the patch.
 *
 * So is another order of those that both builds have. No patch could give it, for nothing in a file moves.
 *
 * One kind does no harm at all. Every unit that includes <iostream> has a constructor for the streams of the C++ library, which
 * counts its calls and does the work at the first. So a unit that comes to include it, or no longer does, is no reason to
 * refuse, when the streams are set up for it all the same, by another constructor of the module, and no constructor in
 * between could miss them:
 *
 *	int limit(int n) { return n; }   ->   #include <iostream>
 *	                                      int limit(int n) { if (n > 9) std::cerr << "large\n"; return n; }
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include "diff.h"

/* A list of constructors or destructors in both builds. */
struct list {
	const char *name;
	const struct section *old, *new;
};

static uint64_t entries(const struct section *s)
{
	return s ? s->size / 8 : 0;
}

/* The function that the word at slot INDEX of S leads to, NULL when it has no name. */
static struct object *entry_at(const struct image *img, const struct section *s, uint64_t index)
{
	uint32_t n;
	const struct ref *r = image_refs_in(img, s->addr + 8 * index, s->addr + 8 * index + 8, &n);

	return n && r->target == TARGET_OBJECT ? r->object : NULL;
}

static bool is_entry_of(const struct image *img, const struct section *s, const struct object *func)
{
	for (uint64_t i = 0; i < entries(s); i++)
		if (entry_at(img, s, i) == func)
			return true;
	return false;
}

/* The plugin's stub has a symbol, but no twin to be compared by; crtstuff's functions have names and no size. */
bool is_start_up(const struct object *o)
{
	return !strncmp(o->name, "__hp_", 5) || (o->file && !strcmp(o->file, "crtstuff.c"));
}

/* ---- the streams ------------------------------------------------------------------------------------------------- */

static bool leads_to_one(const struct ref *r, const char *const *names, size_t n)
{
	const char *name = ref_name(r);

	return name && index_of_name(name, names, n) >= 0;
}

static bool sets_streams_up(const struct object *func)
{
	static const char *const start = "_ZNSt8ios_base4InitC1Ev";

	for (uint32_t i = 0; i < func->nrefs; i++)
		if (leads_to_one(&func->image->refs[func->first_ref + i], &start, 1))
			return true;
	return false;
}

/* It has to do with the streams and nothing else: calls std::ios_base::Init() and registers its destructor. */
static bool is_of_streams(const struct object *func)
{
	static const char *const known[] = {
		"_ZNSt8ios_base4InitC1Ev", "_ZNSt8ios_base4InitD1Ev", "_ZStL8__ioinit", "__cxa_atexit", "__dso_handle",
	};

	for (uint32_t i = 0; i < func->nrefs; i++)
		if (!leads_to_one(&func->image->refs[func->first_ref + i], known, sizeof known / sizeof *known))
			return false;
	return !func->cold && sets_streams_up(func);
}

static bool is_added(const struct diff *d, const struct list *l, const struct object *o)
{
	return !o->twin || !is_entry_of(d->old, l->old, o->twin);
}

/* Entry INDEX, which only NEW has, is for the streams, and in OLD they are set up before anything that runs after it. */
static bool is_spare(const struct diff *d, const struct list *l, uint64_t index)
{
	bool ready = false;

	if (!is_of_streams(entry_at(d->new, l->new, index)))
		return false;
	for (uint64_t i = 0; i < entries(l->new) && !ready; i++) {
		const struct object *o = entry_at(d->new, l->new, i);

		if (o && (is_start_up(o) || (is_added(d, l, o) && is_of_streams(o))))
			continue;
		ready = o && !is_added(d, l, o) && sets_streams_up(o->twin);
		if (!ready && i > index)
			return false;
	}
	return ready;
}

/* ---- new ones that run late -------------------------------------------------------------------------------------- */

static struct list list_named(const struct diff *d, const char *name)
{
	return (struct list){ name, image_section_named(d->old, name), image_section_named(d->new, name) };
}

static void find_late(struct diff *d, struct object *o)
{
	char *objection = late_objection(d, o);

	if (!objection || is_accepted(d, CAUSE_NEW_CONSTRUCTOR, o->name))
		hook_add(d, o, HP_HOOK_CONSTRUCT, o->name);
	free(objection);
}

void constructors_find(struct diff *d)
{
	const struct list l = list_named(d, ".init_array");

	for (uint64_t i = 0; i < entries(l.new); i++) {
		struct object *o = entry_at(d->new, l.new, i);

		if (o && !o->twin && is_code(o) && !is_start_up(o) && !is_spare(d, &l, i))
			find_late(d, o);
	}
}

static bool runs_late(const struct diff *d, const struct object *o)
{
	for (uint32_t i = 0; i < d->nhooks; i++)
		if (d->hooks[i].object == o)
			return true;
	return false;
}

/* ---- the lists --------------------------------------------------------------------------------------------------- */

static void refuse_new(struct diff *d, const struct list *l, struct object *o)
{
	char *objection = !o->twin && !strcmp(l->name, ".init_array") ? late_objection(d, o) : NULL;

	if (objection || !runs_late(d, o))
		refuse_unless_accepted(d, CAUSE_NEW_CONSTRUCTOR, o->name, "new in %s%s%s", l->name, objection ? "; " : "",
				       objection ? objection : "");
	free(objection);
}

/* With --startup, a constructor of the list NAME is patched before it runs: the stub is the first in .init_array. */
static bool runs_after_stub(struct diff *d, const char *name)
{
	return !strcmp(name, ".init_array") && left_to_startup(d);
}

static void refuse_new_entries(struct diff *d, const struct list *l, bool runs_at_start)
{
	for (uint64_t i = 0; i < entries(l->new); i++) {
		struct object *o = entry_at(d->new, l->new, i);

		if (!o || is_start_up(o))
			continue;
		if (is_added(d, l, o) && !(runs_at_start && is_spare(d, l, i)))
			refuse_new(d, l, o);
		else if (!is_added(d, l, o) && runs_at_start && o->change == CHANGED && !runs_after_stub(d, l->name))
			refuse_unless_accepted(d, CAUSE_NEW_CONSTRUCTOR, o->name, "its code changed");
	}
}

/* Streams that OLD sets up once more than NEW are as NEW has them, if NEW uses any. */
static void refuse_gone_entries(struct diff *d, const struct list *l)
{
	for (uint64_t i = 0; i < entries(l->old); i++) {
		struct object *o = entry_at(d->old, l->old, i);

		if (o && !is_start_up(o) && (!o->twin || !is_entry_of(d->new, l->new, o->twin)) && !is_of_streams(o))
			refuse_unless_accepted(d, CAUSE_NEW_CONSTRUCTOR, o->name, "gone from %s", l->name);
	}
}

/* The next entry of S, from *INDEX on, that OTHER has, too, and whose turn counts. NULL: there is none. */
static struct object *next_common(const struct section *s, const struct image *img, const struct section *other,
				  const struct image *other_img, uint64_t *index)
{
	while (*index < entries(s)) {
		struct object *o = entry_at(img, s, (*index)++);

		if (o && o->twin && !is_start_up(o) && !is_of_streams(o) && is_entry_of(other_img, other, o->twin))
			return o;
	}
	return NULL;
}

static void refuse_order(struct diff *d, const struct list *l)
{
	uint64_t i = 0, k = 0;
	struct object *old, *new;

	do {
		old = next_common(l->old, d->old, l->new, d->new, &i);
		new = next_common(l->new, d->new, l->old, d->old, &k);
	} while (old && new && old->twin == new);
	if (old && new)
		refuse_unless_accepted(d, CAUSE_NEW_CONSTRUCTOR, new->name, "it has another place in %s", l->name);
}

static void refuse_list(struct diff *d, const char *name, bool runs_at_start)
{
	const struct list l = list_named(d, name);

	refuse_new_entries(d, &l, runs_at_start);
	refuse_gone_entries(d, &l);
	refuse_order(d, &l);
}

/* Code of the lists' elder form, of which each object adds a piece. */
static void refuse_code(struct diff *d, const char *name)
{
	const struct list l = list_named(d, name);
	uint64_t size = l.old ? l.old->size : 0, where;

	if (size == (l.new ? l.new->size : 0) &&
	    (!size || bytes_same(d, NULL, NULL, l.old->addr, l.new->addr, size, &where)))
		return;
	refuse_unless_accepted(d, CAUSE_NEW_CONSTRUCTOR, name, "its code changed");
}

/* What is at AT, NULL: nothing. */
static struct object *code_at(const struct image *img, uint64_t at)
{
	const struct section *s = at ? image_section_at(img, at) : NULL;
	struct object *o = s ? image_object_at(img, at) : NULL;

	return o || !s ? o : label_at(img, s, at);
}

/* What -Wl,-init=F or -Wl,-fini=F makes run, or the start of .init or .fini; with DT_NULL, where the program starts (-e). */
static struct object *run_by(const struct image *img, int64_t tag)
{
	uint64_t at = tag == DT_NULL ? img->entry : 0;

	if (tag != DT_NULL && !image_dynamic(img, tag, 0, &at))
		return NULL;
	return code_at(img, at);
}

/* Of .init and .fini, whose labels are local in a program and exported by -rdynamic: refuse_code() compares what follows. */
static bool is_start_of(const struct object *o, const char *section)
{
	return o && o->kind == OBJECT_LABEL && o->addr == o->section->addr && !strcmp(o->section->name, section);
}

static void refuse_run(struct diff *d, int64_t tag, const char *tag_name)
{
	struct object *old = run_by(d->old, tag), *new = run_by(d->new, tag);

	if ((is_start_of(old, ".init") && is_start_of(new, ".init")) || (is_start_of(old, ".fini") && is_start_of(new, ".fini")))
		return;
	if (!old != !new || (old && old->twin != new))
		refuse_unless_accepted(d, CAUSE_NEW_CONSTRUCTOR, (new ? new : old)->name, "%s has %s", tag_name,
				       new ? "another" : "it no more");
	else if (new && new->change == CHANGED)
		refuse_unless_accepted(d, CAUSE_NEW_CONSTRUCTOR, new->name, "its code changed");
}

void refuse_constructors(struct diff *d)
{
	refuse_run(d, DT_NULL, "e_entry");
	refuse_run(d, DT_INIT, "DT_INIT");
	refuse_run(d, DT_FINI, "DT_FINI");
	refuse_code(d, ".init");
	refuse_code(d, ".fini");
	refuse_list(d, ".preinit_array", true);
	refuse_list(d, ".init_array", true);
	refuse_list(d, ".ctors", true);
	refuse_list(d, ".fini_array", false);
	refuse_list(d, ".dtors", false);
}

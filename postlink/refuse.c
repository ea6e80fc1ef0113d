// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Every reason why this change can't be put into a process of OLD. All of them are found, not only the first.
 *
 * select has refused where its chain led through live data. Here is the rest: what lives on (variables, thread-local
 * storage), what has run already (constructors, resolvers), what others see (exported symbols), and what is not certain
 * (twins that are not proven, references that are not understood).
 */
#include <elf.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "diff.h"
#include "facts.h"

/* ---- the list of causes ------------------------------------------------------------------------------------------ */

static const struct { const char *code, *text, *remedy; } causes[NCAUSES] = {
#define HP_CAUSE(id, code, text, remedy) [id] = { code, text, remedy },
#include "refuse.def"
#undef HP_CAUSE
};

const char *cause_code(enum cause c)
{
	return causes[c].code;
}

const char *cause_text(enum cause c)
{
	return causes[c].text;
}

const char *cause_remedy(enum cause c)
{
	return causes[c].remedy;
}

static bool is_known(const struct refusal *r, enum cause cause, const char *where, const char *detail)
{
	for (; r; r = r->next)
		if (r->cause == cause && !strcmp(r->where, where) && !strcmp(r->detail, detail))
			return true;
	return false;
}

/* Takes DETAIL over. */
static void list_add(struct refusal **tail, enum cause cause, const char *where, char *detail)
{
	if (is_known(*tail, cause, where, detail)) {
		free(detail);
		return;
	}
	while (*tail)
		tail = &(*tail)->next;
	*tail = xcalloc(1, sizeof **tail);
	**tail = (struct refusal){ .cause = cause, .where = xstrdup(where), .detail = detail };
}

void refuse_add(struct diff *d, enum cause cause, const char *where, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	list_add(&d->refusals, cause, where, xvasprintf(fmt, ap));
	va_end(ap);
}

void refuse_unless_accepted(struct diff *d, enum cause cause, const char *where, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	list_add(is_accepted(d, cause, where) ? &d->accepted : &d->refusals, cause, where, xvasprintf(fmt, ap));
	va_end(ap);
}

void accepted_add(struct diff *d, enum cause cause, const char *where, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	list_add(&d->accepted, cause, where, xvasprintf(fmt, ap));
	va_end(ap);
}

bool object_refers_to(const struct object *user, const struct object *o)
{
	for (uint32_t i = 0; i < user->nrefs; i++) {
		const struct ref *r = &user->image->refs[user->first_ref + i];

		if (r->target == TARGET_OBJECT && r->object == o)
			return true;
	}
	return false;
}

/* ---- variables --------------------------------------------------------------------------------------------------- */

/* A value that stays is harmless where the user says so; an extent is not, unless NEW needs no more of it. */
static void refuse_value(struct diff *d, enum cause cause, const struct object *o)
{
	refuse_unless_accepted(d, cause, o->name, "differs at +0x%llx", (unsigned long long)o->why->offset);
}

/* Why even --startup gives it no other place. Modules are bound by the symbol before the stub runs, and a program may
 * have a copy of as many bytes as the symbol says. */
static const char *what_holds(const struct diff *d, const struct object *o)
{
	bool exported = o->exported || o->twin->exported;

	if (exported && d->new->kind == IMAGE_SHARED)
		return "; the library exports it, and others are bound to the place and size that its symbol has";
	if (!d->opt.startup)
		return "";
	return exported ? "; the program exports it, so other modules may use it" :
			  "; code that walks its section may use it";
}

static void refuse_size(struct diff *d, enum cause cause, const struct object *o)
{
	unsigned long long size = o->size, was = o->twin->size;

	(size < was ? refuse_unless_accepted : refuse_add)(d, cause, o->name, "%llu bytes, was %llu%s", size, was,
							   cause == CAUSE_DATA_SIZE ? what_holds(d, o) : "");
}

/* A program may have its own copy of a library's variable, and then that is the one that lives. */
bool lives_here(const struct diff *d, const struct object *o)
{
	return d->new->kind != IMAGE_SHARED || !o->exported;
}

static void refuse_variable(struct diff *d, const struct object *o)
{
	if (o->accounted && lives_here(d, o))
		return;
	if (o->accounted)
		refuse_add(d, CAUSE_DATA_VALUE, o->name, "the library exports it, so the live one may be the program's");
	else if (o->kind == OBJECT_TLS)
		(o->size != o->twin->size ? refuse_size : refuse_value)(d, CAUSE_TLS_VALUE, o);
	else if (is_writable(o) && is_writable(o->twin) && o->size != o->twin->size)
		refuse_size(d, CAUSE_DATA_SIZE, o);
	else if (is_writable(o) && is_writable(o->twin))
		refuse_value(d, CAUSE_DATA_VALUE, o);
}

/* The linker's place for a variable of a library that the program uses directly (R_X86_64_COPY). */
bool is_copied_import(const struct object *o)
{
	return !o->twin && o->copied;
}

static void refuse_indirect(struct diff *d, const struct object *o)
{
	const char *objection = o->included && !o->twin ? resolver_objection(o) : NULL;

	if (objection)
		refuse_add(d, CAUSE_IFUNC, o->name, "it is new, and its resolver uses '%s'", objection);
	else if (o->change == CHANGED)
		refuse_unless_accepted(d, CAUSE_IFUNC, o->name, "%s", "");
}

static void refuse_changed(struct diff *d)
{
	for (uint32_t i = 0; i < d->new->nobjects; i++) {
		struct object *o = &d->new->objects[i];

		if (o->kind == OBJECT_IFUNC)
			refuse_indirect(d, o);
		if (o->change == CHANGED && (o->kind == OBJECT_DATA || o->kind == OBJECT_TLS))
			refuse_variable(d, o);
	}
}

/* ---- what is not certain ----------------------------------------------------------------------------------------- */

static char *place_in(const struct object *o, uint64_t offset)
{
	return offset ? xasprintf("%s+0x%llx", o->name, (unsigned long long)offset) : xstrdup(o->name);
}

static void refuse_refs(struct diff *d, const struct object *o, const struct ref *r, uint32_t n)
{
	for (; n; n--, r++) {
		char *where = NULL;

		if (r->kind == REF_UNKNOWN)
			refuse_add(d, CAUSE_REF_UNKNOWN, where = place_in(o, r->at - o->addr), "relocation type %u",
				   r->type);
		else if (r->target == TARGET_OBJECT && r->object->ambiguous)
			refuse_add(d, CAUSE_AMBIGUOUS, r->object->name, "'%s' of '%s' uses it", o->name,
				   o->file ? o->file : "");
		free(where);
	}
}

static void refuse_leap(struct diff *d, const struct object *o)
{
	const char *how;
	char *where;
	uint64_t at;

	if (!o->section->exec || !(how = leaps_away(o, &at)))
		return;
	refuse_add(d, CAUSE_REF_UNKNOWN, where = place_in(o, at), "%s", how);
	free(where);
}

static void refuse_doubtful(struct diff *d, const struct object *o)
{
	const char *file = file_of(o), *was = o->twin ? file_of(o->twin) : "";

	if (o->twin && strcmp(file, was))
		refuse_add(d, CAUSE_AMBIGUOUS, o->name, "it is of '%s' in OLD and of '%s' in NEW, and is not the same", was, file);
	else if (facts_source_name(o))
		refuse_add(d, CAUSE_AMBIGUOUS, o->name, "the source calls it '%s', which has another name in OLD",
			   facts_source_name(o));
	else
		refuse_add(d, CAUSE_AMBIGUOUS, o->name, "several of this name, in one function or in files called '%s'", file);
}

static void refuse_uncertain(struct diff *d)
{
	for (uint32_t i = 0; i < d->npicked; i++) {
		const struct object *o = d->picked[i];

		if (o->ambiguous)
			refuse_doubtful(d, o);
		refuse_refs(d, o, o->image->refs + o->first_ref, o->nrefs);
		refuse_leap(d, o);
	}
	for (uint32_t i = 0; i < d->nvalues; i++) {
		const struct value *v = &d->values[i];
		uint64_t at = v->object->addr + v->offset;
		uint32_t n;
		const struct ref *r = image_refs_in(d->new, at, at + v->size, &n);

		if (v->active && v->object->ambiguous)
			refuse_add(d, CAUSE_AMBIGUOUS, v->object->name, "its initial value changed");
		if (v->active)
			refuse_refs(d, v->object, r, n);
	}
}

/* ---- what others see --------------------------------------------------------------------------------------------- */

/* OLD has one entry for several names, NEW has not, or the other way round: which one is to be redirected? And a name by
 * which other modules come leads to where it led. */
static void refuse_shared(struct diff *d, const struct object *o, const char *name, bool exported)
{
	const struct object *now = image_find(d->new, name);

	if (!now || now->twin == o || o->moved)
		return;
	if (exported || !o->twin || o->twin->included || now->included)
		refuse_add(d, CAUSE_SHARED, name, "%s", exported ? "other modules may call it, or have its address" : "");
}

/* Globals of one name are one. */
static bool has_kept_name(const struct object *o)
{
	return o->twin && o->twin->global && !strcmp(o->name, o->twin->name);
}

static void refuse_shared_entries(struct diff *d)
{
	for (uint32_t i = 0; i < d->old->nobjects; i++) {
		const struct object *o = &d->old->objects[i];

		if (o->kind == OBJECT_LABEL)
			continue;
		if (o->global && !has_kept_name(o))
			refuse_shared(d, o, o->name, o->exported);
		for (const struct alias *a = o->aliases; a; a = a->next)
			if (a->global)
				refuse_shared(d, o, a->name, a->exported);
	}
}

/* ---- libraries --------------------------------------------------------------------------------------------------- */

bool image_needs(const struct image *img, const char *library)
{
	const char *name;

	for (uint32_t n = 0; (name = image_dynamic_name(img, DT_NEEDED, n)); n++)
		if (!strcmp(name, library))
			return true;
	return false;
}

/* libstdc++ loads it: a linker drops what a program without cleanups or sin() does not use itself. */
static bool comes_along(const struct image *img, const char *library)
{
	return (!strcmp(library, "libgcc_s.so.1") || !strcmp(library, "libm.so.6")) && image_needs(img, "libstdc++.so.6");
}

static bool imports_new(const struct diff *d)
{
	for (uint32_t i = 0; i < d->npicked; i++)
		for (uint32_t k = 0; k < d->picked[i]->nrefs; k++) {
			const struct ref *r = &d->new->refs[d->picked[i]->first_ref + k];

			if (r->target == TARGET_IMPORT && !image_plt_for(d->old, r->import) &&
			    !image_got_for(d->old, GOT_ADDRESS, r->import, 0))
				return true;
		}
	return false;
}

/* One without a new import may have constructors, and symbols that others find first. */
static void refuse_libraries(struct diff *d)
{
	const char *name;

	for (uint32_t n = 0; (name = image_dynamic_name(d->new, DT_NEEDED, n)); n++)
		if (!image_needs(d->old, name) && !comes_along(d->old, name))
			(imports_new(d) ? refuse_add : refuse_unless_accepted)(d, CAUSE_NEEDED, name, "%s", "");
}

/* ---- stacks ------------------------------------------------------------------------------------------------------ */

/* GCC puts code there for a nested function whose address is taken. */
static void refuse_stack(struct diff *d)
{
	if (d->npicked && d->new->stack_is_code && !d->old->stack_is_code)
		refuse_add(d, CAUSE_STACK, d->opt.new_path, "%s", "");
}

void refuse(struct diff *d)
{
	static const struct stage stages[] = {
		{ "data", refuse_changed }, { "alignment", refuse_misplaced }, { "layouts", refuse_layouts },
		{ "resumed", refuse_resumed }, { "signatures", refuse_signatures },
		{ "tables", refuse_tables }, { "hook-data", hooks_refuse }, { "twins", refuse_uncertain },
		{ "closures", refuse_closures }, { "limits", bounds_refuse }, { "constructors", refuse_constructors }, { "early", refuse_early },
		{ "tls", refuse_new_tls }, { "again", refuse_again }, { "entries", refuse_shared_entries }, { "gone", refuse_gone },
		{ "walked", refuse_walked }, { "libraries", refuse_libraries },
		{ "interposition", refuse_interposed }, { "stack", refuse_stack }, { "outside", refuse_outside },
		{ "accepts", accept_check },
	};

	stages_run(d, stages, ARRAY_SIZE(stages));
}

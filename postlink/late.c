// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * May a constructor that NEW brings run late?
 *
 * It would be the first hook of the patch: run once, before any new code, by the first thread that comes to a changed
 * function (runtime/hooks.c). That is as good as in time when it makes nothing but what NEW brings, and calls nobody but the
 * allocator and the containers of the C++ library:
 *
 *	static const std::map<std::string, int> limits = { { "file", 10 } };
 *
 * One that uses a variable of OLD, or calls somebody whose effects are not known, may find or do something else than at the
 * start. So may what a static library brings, which may be a system call and nothing else (umask()). Left out: calls through
 * pointers, which a constructor gets from constants (followed) or from variables (refused).
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include <libiberty/demangle.h>
#include "diff.h"
#include "facts.h"

/* What code reaches: each object once. */
struct reach {
	const struct image *img;
	struct object **todo;
	uint32_t ntodo;
	bool *seen;                     /* by the object's number */
	char *why;                      /* why it may not run late; owned */
};

static const char *const quiet[] = {
	"__cxa_atexit", "__cxa_begin_catch", "__cxa_end_catch", "__cxa_rethrow", "__gxx_personality_v0", "_Unwind_Resume",
	"memcpy", "memmove", "memset", "memcmp", "strlen", "strcmp", "malloc", "calloc", "free", "__stack_chk_fail",
};

/* Allocation, strings, trees and hash tables of the C++ library, and its streams' start, which it counts. */
static const char *const quiet_starts[] = {
	"_Znwm", "_Znam", "_Zdl", "_Zda", "_ZNSa", "_ZNKSa", "_ZNSt7__cxx1112basic_string", "_ZNKSt7__cxx1112basic_string",
	"_ZSt18_Rb_tree_", "_ZSt28_Rb_tree_", "_ZSt29_Rb_tree_", "_ZSt11_Hash_bytes", "_ZNSt8__detail", "_ZNKSt8__detail",
	"_ZNSt8ios_base4Init", "_ZNSt6localeC", "_ZNSt6localeD",
};

static bool is_quiet(const char *name)
{
	if (index_of_name(name, quiet, ARRAY_SIZE(quiet)) >= 0 || strstr(name, "__throw_"))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(quiet_starts); i++)
		if (!strncmp(name, quiet_starts[i], strlen(quiet_starts[i])))
			return true;
	return false;
}

/* O, of a static library: malloc() is __libc_malloc() there. */
static bool is_quiet_function(const struct object *o)
{
	bool quiet = is_quiet(o->name);

	for (const struct alias *a = o->aliases; a && !quiet; a = a->next)
		quiet = is_quiet(a->name);
	return quiet;
}

/* As destructors are that leave the object as it is. */
static bool does_nothing(const struct object *o)
{
	static const uint8_t endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	const uint8_t *code = image_bytes(o->image, o->addr, o->size);
	uint64_t start = code && o->size > 4 && !memcmp(code, endbr64, 4) ? 4 : 0;

	return code && o->size == start + 1 && code[start] == 0xc3;
}

static void add_todo(struct reach *r, struct object *o)
{
	bool *seen = &r->seen[o - r->img->objects];

	if (!*seen)
		r->todo[r->ntodo++] = o;
	*seen = true;
}

static void hinder(struct reach *r, const char *what, const char *name)
{
	char *symbol = xstrndup(name, strcspn(name, "@")), *plain = cplus_demangle(symbol, DMGL_PARAMS | DMGL_ANSI);

	if (!r->why)
		r->why = xasprintf("it %s '%s'", what, plain ? plain : symbol);
	free(symbol);
	free(plain);
}

/* A table of virtual functions is only stored. */
static bool is_class_data(const struct object *o)
{
	return !strncmp(o->name, "_ZTV", 4) || !strncmp(o->name, "_ZTC", 4) || !strncmp(o->name, "_ZTI", 4);
}

/* FROM refers to O. Old code that calls a changed function gets to the old one while hooks run. */
static void reach_object(struct reach *r, const struct object *from, struct object *o)
{
	if (o->kind == OBJECT_FUNC && !facts_known(o)) {
		if (!is_quiet_function(o) && !does_nothing(o))
			hinder(r, "uses", o->name);
	} else if (o->kind == OBJECT_FUNC) {
		if (o->twin && o->change == CHANGED && from->change == SAME)
			hinder(r, "comes by old code to", o->name);
		add_todo(r, o);
	} else if (o->kind == OBJECT_DATA && !o->copied && (o->change == ADDED || !is_writable(o))) {
		if (!is_class_data(o))
			add_todo(r, o);
	} else if (strcmp(o->name, "__dso_handle")) {   /* nobody writes to that, its address is what counts */
		hinder(r, "uses", o->name);
	}
}

static void reach_ref(struct reach *r, const struct object *from, const struct ref *ref)
{
	const struct section *s;

	switch ((enum target_kind)ref->target) {
	case TARGET_OBJECT:
		reach_object(r, from, ref->object);
		break;
	case TARGET_IMPORT:
		if (!is_quiet(ref->import))
			hinder(r, "uses", ref->import);
		break;
	case TARGET_ANON:
		s = image_section_at(r->img, ref->addr);
		if (!s || (s->write && !s->relro))
			hinder(r, "uses", "data without a name");
		break;
	case TARGET_ABS: case TARGET_NOTHING:
		break;
	}
}

/* It takes nothing, as far as its unit says. GCC's own for a C++ unit never does. */
static bool is_plain(const struct object *func)
{
	struct fact *f = NULL;
	const char *type;

	if (!facts_known(func))
		return !strncmp(func->name, "_GLOBAL__sub_I_", 15);
	return facts_unit(func, &f, &type) && !strcmp(type, "v()");
}

char *late_objection(const struct diff *d, struct object *func)
{
	struct reach r = { .img = d->new };

	if (!is_plain(func))
		return xstrdup("it takes arguments, or its type is not known");
	r.seen = xcalloc(d->new->nobjects, sizeof *r.seen);
	r.todo = xmalloc(d->new->nobjects * sizeof *r.todo);
	add_todo(&r, func);
	while (r.ntodo && !r.why) {
		const struct object *o = r.todo[--r.ntodo];

		for (uint32_t i = 0; i < o->nrefs; i++)
			reach_ref(&r, o, &r.img->refs[o->first_ref + i]);
		if (o->cold)
			add_todo(&r, o->cold);
	}
	free(r.seen);
	free(r.todo);
	return r.why;
}

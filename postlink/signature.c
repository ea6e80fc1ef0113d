// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Functions whose parameters or result changed, seen by those who do not know.
 *
 * Callers in NEW were compiled for the new function, and are in the patch where that makes a difference. Left are
 * those who come by other ways: another module that calls an exported function, and old pointers. A pointer that old
 * code made may be anywhere, and is refused. One in a variable or table is called by code of NEW as NEW declares it;
 * so it is refused only where NEW still calls functions of the old type through pointers.
 *
 * A function that comes to return something serves those who know nothing of it: they leave the register alone.
 *
 *	void limit(int n);      ->      int limit(int n);
 *
 * Old code that is under way may call it in the old way: the patch is marked quiescent. A function that is not
 * redirected keeps its old parameters at its old place.
 *
 * The same question from the other side: a field or variable that points to functions of another type in NEW. Objects
 * that live still hold old functions there; new code can call them where each of those leads to one of the new type.
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "diff.h"
#include "facts.h"

struct change {
	const struct object *func;      /* of NEW */
	const char *old, *new_;         /* types, see plugin/FACTS */
};

/* ---- types for people -------------------------------------------------------------------------------------------- */

static const struct { const char *kind, *word; } words[] = {
	{ "v", "void" }, { "i1", "char" }, { "i2", "short" }, { "i4", "int" }, { "i8", "long" }, { "p8", "pointer" },
	{ "f4", "float" }, { "f8", "double" }, { "f16", "long double" }, { "t1", "bool" }, { "...", "..." },
};

static char *add_kind(char *text, const char *kind, size_t n)
{
	char *word;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i].kind) == n && !memcmp(words[i].kind, kind, n))
			return reconcat(text, text, words[i].word, NULL);
	word = *kind == 'r' ? xasprintf("struct of %.*s bytes", (int)n - 1, kind + 1) : xstrndup(kind, n);
	text = reconcat(text, text, word, NULL);
	free(word);
	return text;
}

/* "i4(p8:1f2e,i4)" is "int (pointer, int)". */
static char *plain_type(const char *type)
{
	char *text = xstrdup("");

	while (*type) {
		size_t n = strcspn(type, ":,()");

		if (n)
			text = add_kind(text, type, n);
		type += n;
		if (*type == ':')
			type += strcspn(type, ",()");
		if (*type) {
			text = reconcat(text, text, *type == '(' ? " (" : *type == ',' ? ", " : ")", NULL);
			type++;
		}
	}
	return text;
}

/* ---- which functions --------------------------------------------------------------------------------------------- */

static bool is_changed(const struct object *o, struct change *c)
{
	*c = (struct change){ o, NULL, NULL };
	return o->kind == OBJECT_FUNC && o->redirected && facts_type_changed(o, &c->old, &c->new_);
}

/* All that differs is a result in a register, which there was not; one of the x87 would have to be taken from its stack. */
static bool only_returns_more(const struct change *c)
{
	static const char *const kinds[] = { "t1", "i1", "i2", "i4", "i8", "p8", "f4", "f8" };
	const char *was = strchr(c->old, '('), *now = strchr(c->new_, '(');
	size_t n = strcspn(c->new_, ":(");

	if (!was || !now || strcmp(was, now) || was - c->old != 1 || *c->old != 'v')
		return false;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strlen(kinds[i]) == n && !memcmp(kinds[i], c->new_, n))
			return true;
	return false;
}

static void refuse_change(struct diff *d, const struct change *c, const char *how, const char *who)
{
	char *now = plain_type(c->new_), *was = plain_type(c->old);

	refuse_unless_accepted(d, CAUSE_SIGNATURE, c->func->name, "%s, was %s; %s%s", now, was, who, how);
	free(now);
	free(was);
}

/* ---- who may still call it as it was ----------------------------------------------------------------------------- */

/* TYPE without the hashes of its structs. The caller frees. */
static char *bare_type(const char *type)
{
	char *bare = xstrdup(type), *out = bare;

	for (; *type; type++) {
		if (*type == ':')
			type += strcspn(type, ",)") - 1;
		else
			*out++ = *type;
	}
	*out = 0;
	return bare;
}

static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = list; *p; p += strcspn(p, " "), p += strspn(p, " "))
		if (strcspn(p, " ") == n && !memcmp(p, word, n))
			return true;
	return false;
}

static bool is_called_by_pointer(const struct image *img, const char *type)
{
	char *bare = bare_type(type), **field;
	bool found = false;

	for (uint32_t i = 0; !found && (field = facts_next(img, 'I', &i)); )
		found = has_word(field[3], bare);
	free(bare);
	return found;
}

/* Not the unwinder's tables and what the linker left for itself. */
static bool is_use(const struct section *s)
{
	return s && s->addr && strncmp(s->name, ".eh_frame", 9) && strncmp(s->name, ".rela", 5);
}

static void refuse_taken(struct diff *d, const struct change *c, const struct ref *r)
{
	const struct object *user = image_object_at(d->old, r->at);
	const struct section *s = image_section_at(d->old, r->at);
	char *who;

	if (user == c->func->twin || !is_use(s))
		return;
	who = xasprintf("'%s' ", user ? user->name : s->name);
	if (s->exec)
		refuse_change(d, c, "takes its address", who);
	else if (is_called_by_pointer(d->new, c->old))
		refuse_change(d, c, "holds its address, and code calls functions of the old type by pointers", who);
	free(who);
}

static void refuse_pointers(struct diff *d, const struct change *c)
{
	const struct image *old = d->old;

	for (uint32_t i = 0; i < old->nrefs; i++) {
		const struct ref *r = &old->refs[i];

		if (r->target == TARGET_OBJECT && r->object == c->func->twin && r->kind != REF_CALL)
			refuse_taken(d, c, r);
	}
}

void refuse_signatures(struct diff *d)
{
	for (uint32_t i = 0; i < d->npicked; i++) {
		struct change c;

		if (!is_changed(d->picked[i], &c))
			continue;
		d->quiescent = true;
		if (only_returns_more(&c))
			continue;
		if (c.func->twin->exported)
			refuse_change(d, &c, "other modules can call it", "");
		else
			refuse_pointers(d, &c);
	}
}

/* Functions that nobody knows anything of are the same. */
bool function_types_same(const struct object *a, const struct object *b)
{
	struct fact *f = NULL, *g = NULL;
	const char *of_a, *of_b;
	char *x, *y;
	bool same;

	if (!facts_unit(a, &f, &of_a) || !facts_unit(b, &g, &of_b))
		return true;
	x = bare_type(of_a);
	y = bare_type(of_b);
	same = !strcmp(x, y);
	free(x);
	free(y);
	return same;
}

/* ---- pointers in objects ----------------------------------------------------------------------------------------- */

/* "i4(p8;p8)" as is_called_by_pointer() has it. The caller frees. */
static char *callee_type(const char *callee, size_t n)
{
	char *type = xstrndup(callee, n);

	for (char *c = type; *c; c++)
		if (*c == ';')
			*c = ',';
	return type;
}

static bool has_type(const struct object *func, const char *wanted)
{
	struct fact *f = NULL;
	const char *type;
	bool found = false;

	while (!found && facts_unit(func, &f, &type)) {
		char *bare = bare_type(type);

		found = !strcmp(bare, wanted);
		free(bare);
	}
	return found;
}

/* A distance in bytes without a name is of a jump table. */
static bool is_taken(const struct image *img, const struct ref *r)
{
	return r->target == TARGET_OBJECT && r->kind != REF_CALL && !r->offset && is_code(r->object) &&
	       is_use(image_section_at(img, r->at)) && (r->kind != REF_PCREL_DATA || image_object_at(img, r->at));
}

/* Functions of other modules are not looked at: what they are called with is in their headers. */
static bool all_lead_to(const struct image *old, const char *was, const char *now)
{
	for (uint32_t i = 0; i < old->nrefs; i++) {
		const struct object *func = old->refs[i].object, *twin;

		if (!is_taken(old, &old->refs[i]) || !has_type(func, was))
			continue;
		twin = func->twin;
		if (!twin || !twin->redirected || !has_type(twin, now))
			return false;
	}
	return true;
}

bool callee_fits(const struct image *old, const char *was, size_t nwas, const char *now, size_t nnow)
{
	char *from = callee_type(was, nwas), *to = callee_type(now, nnow);
	bool fits = !strcmp(from, to) || all_lead_to(old, from, to);

	free(from);
	free(to);
	return fits;
}

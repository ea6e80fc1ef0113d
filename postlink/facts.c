// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What only the compiler knows: section .hp.facts, laid down in plugin/FACTS.
 *
 * The linker merges equal strings and keeps no order, so facts are found by name: functions (F), lines (L) and variables (V) through
 * one hash table of an image, built at the first question. A name may stand in several units; the unit of the function
 * decides. Where that is unknown (globals) it is one that has no static of this name, and any of those will do, because they
 * agree: they have copies of one inline function.
 *
 * A fact that is missing never makes anything look safer.
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/hashtab.h>
#include <libiberty/libiberty.h>
#include "diff.h"
#include "facts.h"

#define MAX_FIELDS 7

enum { UNIT = 1, NAME = 2, FLAGS = 3, VALUES = 3, CLOBBERS = 4, TYPE = 5, SOURCES = 6 };

/* One fact, cut into its fields. The strings are copies that end with NUL. */
struct fact {
	char *field[MAX_FIELDS];
	struct fact *next;                              /* of the same hash */
};

struct kind { struct fact **fact; uint32_t n; };

struct facts {
	struct fact *fact;
	uint32_t n;
	struct fact **slot;                             /* F, L, J, V, K, R, D, O, C, X, Y, G and Z facts by kind and name */
	uint32_t mask;
	struct kind kind[26];                           /* all of a kind, by its letter */
	htab_t locals;                                  /* objects by file and name, NULL until asked for */
	char *text;
};

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static uint32_t hash_name(char kind, const char *name)
{
	uint32_t h = 2166136261u ^ (uint8_t)kind;

	while (*name)
		h = (h ^ (uint8_t)*name++) * 16777619u;
	return h ^ h >> 15;
}

static uint32_t count_strings(const char *text, size_t size)
{
	uint32_t n = 0;

	for (size_t i = 0; i < size; i++)
		n += !text[i];
	return n;
}

/* Cuts STRING at its tabs; the last field keeps the rest. False when it has fewer than N. */
static bool cut(char *string, char **field, int n)
{
	for (int i = 0; i < n; i++) {
		field[i] = string;
		string = i < n - 1 ? strchr(string, '\t') : NULL;
		if (i < n - 1 && !string)
			return false;
		if (string)
			*string++ = 0;
	}
	return true;
}

static int nfields(const char *string)
{
	if (!*string || string[1] != '\t')
		return 0;
	return *string == 'F' ? 7 : strchr("LJUBCTSAVINRDOEXYGZ", *string) ? 4 : *string == 'K' ? 3 : strchr("WPQ", *string) ? 2 : 0;
}

/* Doubles the room at powers of two. */
static void list_add(struct kind *k, struct fact *fact)
{
	if (!(k->n & (k->n - 1)))
		k->fact = xrealloc(k->fact, (k->n ? 2 * k->n : 1) * sizeof *k->fact);
	k->fact[k->n++] = fact;
}

/* One of a function or variable in the whole image tells no unit. */
static const char *name_of(const struct fact *f)
{
	return f->field[*f->field[0] == 'O' ? UNIT : NAME];
}

static void add_fact(struct facts *f, char *string)
{
	struct fact *fact = &f->fact[f->n];
	int n = nfields(string);

	if (!n || !cut(string, fact->field, n))
		return;
	f->n++;
	list_add(&f->kind[*fact->field[0] - 'A'], fact);
	if (strchr("FLJVKRDOCXYGZ", *fact->field[0])) {
		struct fact **slot = &f->slot[hash_name(fact->field[0][0], name_of(fact)) & f->mask];

		fact->next = *slot;
		*slot = fact;
	}
}

static struct facts *facts_of(const struct image *img)
{
	struct facts *f = img->facts_index;
	uint32_t n, size = 64;

	if (f)
		return f;
	f = ((struct image *)img)->facts_index = xcalloc(1, sizeof *f);
	f->text = xcalloc(img->facts_size + 1, 1);
	if (img->facts_size)
		memcpy(f->text, img->facts, img->facts_size);
	pages_forget(img->facts, img->facts_size);
	n = count_strings(f->text, img->facts_size + 1);
	while (size < 2 * n)
		size *= 2;
	f->fact = xcalloc(n, sizeof *f->fact);
	f->slot = xcalloc(size, sizeof *f->slot);
	f->mask = size - 1;
	for (char *p = f->text, *next; p < f->text + img->facts_size; p = next) {
		next = p + strlen(p) + 1;
		add_fact(f, p);
	}
	return f;
}

void facts_release(struct image *img)
{
	struct facts *f = img->facts_index;

	if (!f)
		return;
	free(f->fact);
	for (int i = 0; i < 26; i++)
		free(f->kind[i].fact);
	free(f->slot);
	free(f->text);
	if (f->locals)
		htab_delete(f->locals);
	free(f);
	img->facts_index = NULL;
}

char **facts_next(const struct image *img, char kind, uint32_t *next)
{
	struct kind *k = &facts_of(img)->kind[kind - 'A'];

	return *next < k->n ? k->fact[(*next)++]->field : NULL;
}

/* ---- finding ----------------------------------------------------------------------------------------------------- */

static struct fact *next_named(struct fact *f, char kind, const char *name)
{
	while (f && (f->field[0][0] != kind || strcmp(name_of(f), name)))
		f = f->next;
	return f;
}

static struct fact *first_named(const struct image *img, char kind, const char *name)
{
	struct facts *f = facts_of(img);

	return f->kind[kind - 'A'].n ? next_named(f->slot[hash_name(kind, name) & f->mask], kind, name) : NULL;
}

static hashval_t local_hash(const void *p)
{
	const struct object *o = p;

	return htab_hash_string(o->name) * 31 + htab_hash_string(o->file);
}

static int local_eq(const void *a, const void *b)
{
	const struct object *o = a, *p = b;

	return !strcmp(o->name, p->name) && !strcmp(o->file, p->file);
}

static htab_t locals_of(const struct image *img)
{
	struct facts *f = facts_of(img);

	if (f->locals)
		return f->locals;
	f->locals = htab_create_alloc(1024, local_hash, local_eq, NULL, xcalloc, free);
	for (uint32_t i = 0; i < img->nobjects; i++)
		if (img->objects[i].file)
			*htab_find_slot(f->locals, &img->objects[i], INSERT) = &img->objects[i];
	return f->locals;
}

static bool has_local(const struct image *img, const char *unit, const char *name)
{
	struct object key = { .name = name, .file = unit };

	return htab_find(locals_of(img), &key);
}

/* The fact of kind KIND about NAME in UNIT; any unit's when UNIT has none. UNIT NULL: of a unit without a local one of it. */
static struct fact *find(const struct image *img, char kind, const char *unit, const char *name)
{
	struct fact *first = first_named(img, kind, name);
	bool several = first && next_named(first->next, kind, name);

	for (struct fact *f = first; f && (unit || several); f = next_named(f->next, kind, name))
		if (unit ? !strcmp(f->field[UNIT], unit) : !has_local(img, f->field[UNIT], name))
			return f;
	return first;
}

/* Of two units of one base name: A says something else than B. */
static bool contradicts(const struct fact *a, const struct fact *b)
{
	if (strcmp(a->field[UNIT], b->field[UNIT]))
		return false;
	for (int i = VALUES; i < MAX_FIELDS; i++)
		if (a->field[i] && b->field[i] && strcmp(a->field[i], b->field[i]))
			return true;
	return false;
}

/* The same; NULL where it is not certain whose it is. */
static struct fact *find_only(const struct image *img, char kind, const char *unit, const char *name)
{
	struct fact *f = find(img, kind, unit, name);

	for (struct fact *g = f ? first_named(img, kind, name) : NULL; g; g = next_named(g->next, kind, name))
		if (contradicts(f, g))
			return NULL;
	return f;
}

static struct fact *search_function_fact(const struct object *func)
{
	struct fact *f = find_only(func->image, 'F', func->file, func->name);

	for (struct alias *a = func->aliases; a && !f; a = a->next)
		f = find_only(func->image, 'F', func->file, a->name);
	return f;
}

/* object.fact: 1 for none, else two more than its place in the list. */
static struct fact *function_fact(const struct object *of)
{
	struct object *func = of->hot ? of->hot : (struct object *)of;
	struct facts *f = facts_of(func->image);

	if (!func->fact) {
		struct fact *found = search_function_fact(func);

		func->fact = found ? found - f->fact + 2 : 1;
	}
	return func->fact == 1 ? NULL : &f->fact[func->fact - 2];
}

const char *facts_unit(const struct object *func, struct fact **f, const char **type)
{
	*f = *f ? next_named((*f)->next, 'F', func->name) : first_named(func->image, 'F', func->name);
	if (!*f)
		return NULL;
	*type = (*f)->field[TYPE];
	return (*f)->field[UNIT];
}

bool facts_unit_knows(const struct object *o, const char *unit)
{
	char kind = is_code(o) ? 'F' : 'R';
	struct fact *f = first_named(o->image, kind, o->name);
	bool any = f;

	for (; f; f = next_named(f->next, kind, o->name))
		if (*f->field[UNIT] == '<' || !strcmp(f->field[UNIT], unit))
			return true;
	return !any;
}

const char *facts_origin(const struct object *o, bool *global)
{
	struct fact *f = o->global ? NULL : first_named(o->image, 'O', o->name);

	if (!f || next_named(f->next, 'O', o->name))
		return NULL;
	*global = *f->field[VALUES] == 'g';
	return f->field[NAME];
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

/* Is there a position at which VALUES of OLD has OLDV and that of NEW NEWV? The lists must be of one length. */
static bool values_moved(const char *old, const char *new, uint64_t oldv, uint64_t newv)
{
	bool found = false;
	char *p, *q;

	for (;;) {
		uint64_t a = strtoull(old, &p, 10), b = strtoull(new, &q, 10);

		if (p == old || q == new)
			return found && p == old && q == new;
		found |= a && a == oldv && b && b == newv;
		old = p;
		new = q;
	}
}

/* Copies the next comma-separated key into BUF; false at the end. */
static bool next_key(const char **list, char *buf, size_t size)
{
	size_t n = strcspn(*list, ",");

	if (!n || n >= size)
		return false;
	memcpy(buf, *list, n);
	buf[n] = 0;
	*list += n + ((*list)[n] == ',');
	return true;
}

static bool has_key(const char *list, const char *key)
{
	char other[4096];

	while (next_key(&list, other, sizeof other))
		if (!strcmp(key, other))
			return true;
	return false;
}

static bool key_moved(const struct image *old, const struct image *new, const char *old_unit, const char *new_unit,
		      const char *key, uint64_t oldv, uint64_t newv)
{
	struct fact *a, *b;

	key += *key == '+';             /* passed by that one */
	a = find_only(old, 'L', old_unit, key);
	b = find_only(new, 'L', new_unit, key);
	return a && b && values_moved(a->field[VALUES], b->field[VALUES], oldv, newv);
}

static const char *values_of_own(const struct object *o, char kind)
{
	const char *more = strstr(o->name, ".lto_priv.");
	char *plain = more ? xstrndup(o->name, more - o->name) : NULL;
	struct fact *f = find_only(o->image, kind, o->file, plain ? plain : o->name);

	free(plain);
	return f ? f->field[VALUES] : NULL;
}

const char *facts_own_lines(const struct object *o)
{
	return values_of_own(o, 'L');
}

const char *facts_counter(const struct object *o)
{
	return values_of_own(o, 'Y');
}

static bool variable_line_moved(const struct object *variable, uint64_t oldv, uint64_t newv)
{
	const char *a = variable->twin ? facts_own_lines(variable->twin) : NULL, *b = facts_own_lines(variable);

	return a && b && values_moved(a, b, oldv, newv);
}

bool facts_line_moved(const struct image *old, const struct image *new, const struct object *o, uint64_t oldv, uint64_t newv)
{
	struct fact *a, *b;
	char key[4096];
	const char *keys;

	if (hp_broken("lines"))
		return true;
	if (!is_code(o))
		return variable_line_moved(o, oldv, newv);
	b = function_fact(o);
	a = o->twin ? function_fact(o->twin) : NULL;
	if (!a || !b)
		return false;
	for (keys = b->field[SOURCES]; next_key(&keys, key, sizeof key); )
		if (has_key(a->field[SOURCES], key) &&
		    key_moved(old, new, a->field[UNIT], b->field[UNIT], key, oldv, newv))
			return true;
	return false;
}

/* OLD's labels are not the first ones of NEW. */
static bool labels_moved(const struct fact *old, const struct fact *new)
{
	size_t n = old ? strlen(old->field[VALUES]) : 0;

	return old && (!new || strncmp(old->field[VALUES], new->field[VALUES], n) || (new->field[VALUES][n] && new->field[VALUES][n] != ' '));
}

/* Not at lines that were passed ("+caller"): those labels are its caller's. */
bool facts_resumes_elsewhere(const struct image *old, const struct object *func)
{
	struct fact *f = function_fact(func);
	char key[4096];

	for (const char *keys = f ? f->field[SOURCES] : ""; next_key(&keys, key, sizeof key); )
		if (labels_moved(find(old, 'J', f->field[UNIT], key), find(func->image, 'J', f->field[UNIT], key)))
			return true;
	return false;
}

const char *facts_source_name(const struct object *o)
{
	return values_of_own(o, 'Z');
}

bool facts_has_labelled(const struct image *img, const char *source, const char *unit)
{
	char **field;

	for (uint32_t i = 0; (field = facts_next(img, 'Z', &i)); )
		if (!strcmp(field[VALUES], source) && (!unit || !strcmp(field[UNIT], unit)))
			return true;
	return false;
}

const char *facts_points(const struct object *func)
{
	struct fact *f = find(func->image, 'G', func->file, func->name);

	return f ? f->field[VALUES] : NULL;
}

bool facts_holds_places(const struct object *func)
{
	struct fact *f = function_fact(func);

	return f && strchr(f->field[FLAGS], 'l');
}

/* ---- functions --------------------------------------------------------------------------------------------------- */

bool facts_known(const struct object *func)
{
	return function_fact(func);
}

static uint64_t alignment_of(const struct object *o, const char *name)
{
	uint64_t most = 1;

	for (struct fact *f = first_named(o->image, 'D', name); f; f = next_named(f->next, 'D', name))
		if (may_be_of_unit(o, f->field[UNIT])) {
			uint64_t n = strtoull(f->field[VALUES], NULL, 10);

			most = n > most ? n : most;
		}
	return most;
}

uint64_t facts_alignment(const struct object *variable)
{
	uint64_t most = alignment_of(variable, variable->name);

	for (const struct alias *a = variable->aliases; a; a = a->next) {
		uint64_t n = alignment_of(variable, a->name);

		most = n > most ? n : most;
	}
	return most;
}

bool facts_never(const struct image *img, const struct object *func)
{
	struct fact *f = function_fact(func);

	(void)img;
	return f && strchr(f->field[FLAGS], 'n');
}

/* Hexadecimal sets of any length, most significant digit first. */
static unsigned digit(const char *set, size_t n, size_t i)
{
	char c = i < n ? set[n - 1 - i] : '0';

	return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

static bool is_subset(const char *small, const char *large)
{
	size_t n = strlen(small), m = strlen(large);

	for (size_t i = 0; i < n; i++)
		if (digit(small, n, i) & ~digit(large, m, i))
			return false;
	return true;
}

bool facts_clobbers_more(const struct image *old, const struct image *new, const struct object *func)
{
	struct fact *b = function_fact(func), *a = func->twin ? function_fact(func->twin) : NULL;

	if (!old->facts_size && !new->facts_size)
		return false;
	if (!a)
		return b;                               /* of a unit without facts: its callers know no more than the ABI */
	if (!strcmp(a->field[CLOBBERS], "-"))
		return false;
	return !b || !strcmp(b->field[CLOBBERS], "-") || !is_subset(b->field[CLOBBERS], a->field[CLOBBERS]);
}

static bool is_clone(const char *name)
{
	return strstr(name, ".isra") || strstr(name, ".constprop") || strstr(name, ".part");
}

/* A promise that OLD made to its callers and NEW does not keep. */
static bool breaks_promise(const char *old, const char *new)
{
	for (const char *p = "rtpc"; *p; p++)
		if (strchr(old, *p) && !strchr(new, *p))
			return true;
	return false;
}

/* Equal but for the hashes of structs, which have a rule of their own. */
static bool type_is_same(const char *a, const char *b)
{
	for (;; a++, b++) {
		if (*a == ':')
			a += strcspn(a, ",()");
		if (*b == ':')
			b += strcspn(b, ",()");
		if (*a != *b || !*a)
			return *a == *b;
	}
}

bool facts_type_changed(const struct object *func, const char **old, const char **new)
{
	struct fact *b = function_fact(func), *a = func->twin ? function_fact(func->twin) : NULL;

	if (!a || !b || type_is_same(a->field[TYPE], b->field[TYPE]))
		return false;
	*old = a->field[TYPE];
	*new = b->field[TYPE];
	return true;
}

const char *facts_kind(const struct object *variable)
{
	struct fact *f = find_only(variable->image, 'V', variable->file, variable->name);

	return f ? f->field[VALUES] : NULL;
}

/* Does a unit of O's file name have a variable of O's name and the kind that F tells? */
static bool has_kind(const struct object *o, const struct fact *f)
{
	for (struct fact *g = first_named(o->image, 'V', o->name); g; g = next_named(g->next, 'V', o->name))
		if (!strcmp(f->field[UNIT], g->field[UNIT]) && !strcmp(f->field[VALUES], g->field[VALUES]))
			return true;
	return false;
}

bool facts_kinds_differ(const struct object *variable)
{
	const struct object *was = variable->twin;
	struct fact *f = find(variable->image, 'V', variable->file, variable->name);

	if (!f || !find(was->image, 'V', was->file, was->name) || (facts_kind(variable) && facts_kind(was)))
		return false;
	for (struct fact *g = first_named(variable->image, 'V', variable->name); g; g = next_named(g->next, 'V', variable->name))
		if (!strcmp(f->field[UNIT], g->field[UNIT]) && !has_kind(was, g))
			return true;
	return false;
}

const char *facts_block(const struct object *variable)
{
	const char *name = variable->name;
	char *of = strncmp(name, "_ZGV", 4) ? NULL : concat("_Z", name + 4, NULL);
	struct fact *f = find_only(variable->image, 'X', variable->file, of ? of : name);

	free(of);
	return f ? f->field[VALUES] : NULL;
}

static bool name_is_kept(const struct object *o, const char *name)
{
	for (struct fact *f = first_named(o->image, 'K', name); f; f = next_named(f->next, 'K', name))
		if (may_be_of_unit(o, f->field[UNIT]))
			return true;
	return false;
}

bool facts_kept(const struct object *constant)
{
	bool kept = name_is_kept(constant, constant->name);

	for (const struct alias *a = constant->aliases; a && !kept; a = a->next)
		kept = name_is_kept(constant, a->name);
	return kept;
}

/* With -flto all functions are of one unit, whatever file the variable is of. */
bool facts_only_read(const struct object *variable, const char *unit)
{
	bool known = false;

	for (struct fact *f = first_named(variable->image, 'R', variable->name); f;
	     f = next_named(f->next, 'R', variable->name)) {
		if (unit && *unit && *f->field[UNIT] != '<' && strcmp(f->field[UNIT], unit))
			continue;
		if (strcmp(f->field[VALUES], "r"))
			return false;
		known = true;
	}
	return known;
}

bool facts_written(const struct object *variable)
{
	struct fact *f = first_named(variable->image, 'R', variable->name);

	while (f && !strcmp(f->field[VALUES], "r"))
		f = next_named(f->next, 'R', variable->name);
	return f;
}

bool facts_returns_now(const struct object *func)
{
	struct fact *b = function_fact(func), *a = func->twin ? function_fact(func->twin) : NULL;

	return a && b && strchr(a->field[FLAGS], 'r') && !strchr(b->field[FLAGS], 'r');
}

bool facts_contract_changed(const struct image *old, const struct image *new, const struct object *func)
{
	struct fact *a, *b;

	if (hp_broken("facts"))
		return false;
	if (func->hot)
		func = func->hot;
	if (!func->twin || is_clone(func->name) || is_clone(func->twin->name))
		return true;
	if (facts_clobbers_more(old, new, func))
		return true;
	a = function_fact(func->twin);
	b = function_fact(func);
	if (!a || !b)
		return old->facts_size || new->facts_size;
	return breaks_promise(a->field[FLAGS], b->field[FLAGS]) || strchr(b->field[FLAGS], 'k') ||
	       !type_is_same(a->field[TYPE], b->field[TYPE]);
}

bool facts_bias(const struct image *img, uint32_t *next, struct bias *b)
{
	char **field = facts_next(img, 'B', next);

	if (field)
		*b = (struct bias){ field[UNIT], field[NAME], field[VALUES] };
	return field;
}

bool facts_own_section(const struct object *func)
{
	struct fact *f = function_fact(func);

	return f && strchr(f->field[FLAGS], 's');
}

void facts_reach(const struct object *func, uint64_t *before, uint64_t *behind)
{
	struct fact *f = function_fact(func), *reach = f ? find(func->image, 'C', f->field[UNIT], f->field[NAME]) : NULL;
	char *rest;

	*before = *behind = 0;
	if (!reach)
		return;
	*before = strtoull(reach->field[VALUES], &rest, 10);
	*behind = strtoull(rest, NULL, 10);
}

/* The linker leaves one of equal facts, so there are few. */
unsigned facts_wide(const struct image *img)
{
	const struct kind *k = &facts_of(img)->kind['W' - 'A'];
	unsigned wide = k->n ? 0 : 2 | 4;

	for (uint32_t i = 0; i < k->n; i++)
		for (const char *p = k->fact[i]->field[1]; *p; p++)
			wide |= *p == '2' || *p == '4' ? *p - '0' : 0;
	return wide;
}

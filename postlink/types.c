// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Layouts of types: reading what the plugin recorded, and telling two layouts of one type apart.
 *
 * What counts is what new code would read or write in an object that old code made. A field in another place, of
 * another size or kind; a new field, for which the object has no room or no value; another size, which is the stride
 * of arrays. A field in the place of another that has its size is a new one, too: what old code left there may mean
 * something else (an end, now a length). What does not count: a type that only got another name, a field that is gone
 * and left its room, a new member of a union in the bytes of another.
 *
 *	struct session { char *name; int len; };   ->   struct session { char *name; long cap; int len; };
 *	24 bytes, was 16; new field 'cap' at 8; field 'len' moved from 8 to 16
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include <libiberty/demangle.h>
#include "types.h"
#include "facts.h"

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static uint32_t hash_more(uint32_t h, const char *s)
{
	while (*s)
		h = (h ^ (uint8_t)*s++) * 16777619u;
	return h;
}

/* Of the fact as the plugin wrote it, tabs and all. */
static uint32_t hash_fact(char **field)
{
	uint32_t h = hash_more(2166136261u, field[0]);

	for (int i = 1; i < 4; i++)
		h = hash_more(hash_more(h, "\t"), field[i]);
	return h;
}

static int by_hash(const void *a, const void *b)
{
	const struct layout *x = a, *y = b;

	return (x->hash > y->hash) - (x->hash < y->hash);
}

static void read_layouts(struct types *t, const struct image *img)
{
	char **field;

	for (uint32_t i = 0; (field = facts_next(img, 'T', &i)); t->nlayouts++) {
		if (!(t->nlayouts & (t->nlayouts - 1)))
			t->layouts = xrealloc(t->layouts, (2 * t->nlayouts + 1) * sizeof *t->layouts);
		t->layouts[t->nlayouts] = (struct layout){ field[1], field[2], field[3], hash_fact(field) };
	}
	if (t->nlayouts)
		qsort(t->layouts, t->nlayouts, sizeof *t->layouts, by_hash);
}

static void add_use(struct types *t, const struct use *use)
{
	if (!(t->nuses & (t->nuses - 1)))
		t->uses = xrealloc(t->uses, (2 * t->nuses + 1) * sizeof *t->uses);
	t->uses[t->nuses++] = *use;
}

/* Two layouts of one hash are both used: better one too many. */
static void add_uses(struct types *t, uint32_t hash, struct use use)
{
	struct layout key = { .hash = hash }, *end = t->layouts + t->nlayouts;
	struct layout *l = t->nlayouts ? bsearch(&key, t->layouts, t->nlayouts, sizeof key, by_hash) : NULL;

	while (l && l > t->layouts && l[-1].hash == hash)
		l--;
	for (; l && l < end && l->hash == hash; l++) {
		use.layout = l;
		add_use(t, &use);
	}
}

static int by_name(const void *a, const void *b)
{
	const struct use *x = a, *y = b;
	int c = strcmp(x->layout->name, y->layout->name);

	return c ? c : strcmp(x->unit, y->unit);
}

static void read_uses(struct types *t, const struct image *img)
{
	char **field;

	for (uint32_t i = 0; (field = facts_next(img, 'S', &i)); )
		for (char *p = field[3], *end; isxdigit((unsigned char)*p); p = end + strspn(end, " ")) {
			uint32_t hash = strtoul(p, &end, 16);
			size_t lives = strspn(end, "su"), constants = end[lives] == 'k';

			add_uses(t, hash, (struct use){ .unit = field[1], .lives = lives, .constants = constants });
			end += lives + constants;
		}
	if (t->nuses)
		qsort(t->uses, t->nuses, sizeof *t->uses, by_name);
}

void types_init(struct types *t, const struct image *img)
{
	*t = (struct types){ .img = img };
	read_layouts(t, img);
	read_uses(t, img);
}

void types_release(struct types *t)
{
	free(t->layouts);
	free(t->uses);
}

static int compare_use(const struct use *u, const char *name, const char *unit)
{
	int c = strcmp(u->layout->name, name);

	return c || !unit ? c : strcmp(u->unit, unit);
}

const struct use *types_find(const struct types *t, const char *name, const char *unit, uint32_t *n)
{
	uint32_t low = 0, high = t->nuses;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (compare_use(&t->uses[mid], name, unit) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (*n = 0; low + *n < t->nuses && !compare_use(&t->uses[low + *n], name, unit); )
		++*n;
	return t->uses + low;
}

const struct layout *types_only(const struct types *t, const char *name)
{
	uint32_t n;
	const struct use *u = types_find(t, name, NULL, &n);

	for (uint32_t i = 1; i < n; i++)
		if (u[i].layout != u[0].layout)
			return NULL;
	return n ? u[0].layout : NULL;
}

char *layout_plain_name(const struct layout *l)
{
	static const char head[] = "typeinfo name for ";
	char *plain = strncmp(l->name, "_ZTS", 4) ? NULL : cplus_demangle(l->name, DMGL_PARAMS | DMGL_ANSI), *name;

	if (!plain || strncmp(plain, head, sizeof head - 1)) {
		free(plain);
		return xstrdup(l->name);
	}
	name = xstrdup(plain + sizeof head - 1);
	free(plain);
	return name;
}

/* ---- fields ------------------------------------------------------------------------------------------------------ */

/* Places and sizes in bits. */
struct field {
	const char *name, *kind;
	int nname, nkind;
	uint64_t at, size;
};

struct fields { struct field *list; uint32_t n; };

static uint64_t kind_size(const struct field *f)
{
	uint64_t times = 1;
	const char *p = f->kind, *name;
	size_t n;
	char *end;
	bool bits;

	for (; *p == '['; p = end + (*end == ']'))
		times *= strtoul(p + 1, &end, 10);
	bits = *p == 'b';
	name = kind_struct(f->kind, f->nkind, &n);
	p = name ? name + n + 1 : p + (*p && *p != ',');
	return times * strtoul(p, NULL, 10) * (bits ? 1 : 8);
}

/* Takes "NAME PLACE KIND," off *p; false at the end, or when it is damaged. */
static bool next_field(const char **p, struct field *f)
{
	char *end;

	f->name = *p;
	f->nname = strcspn(*p, " ,");
	if (f->name[f->nname] != ' ')
		return false;
	f->at = 8 * strtoull(f->name + f->nname + 1, &end, 10);
	if (*end == '.')
		f->at += strtoull(end + 1, &end, 10);
	if (*end != ' ')
		return false;
	f->kind = end + 1;
	f->nkind = strcspn(f->kind, ",");
	f->size = kind_size(f);
	*p = f->kind + f->nkind + (f->kind[f->nkind] == ',');
	return true;
}

static struct fields fields_of(const struct layout *l)
{
	struct fields f = { NULL, 0 };
	struct field next;

	for (const char *p = l->fields; next_field(&p, &next); f.n++) {
		if (!(f.n & (f.n - 1)))
			f.list = xrealloc(f.list, (2 * f.n + 1) * sizeof *f.list);
		f.list[f.n] = next;
	}
	return f;
}

/* A base class has no name of its own but that of its type. */
static bool has_name_of(const struct field *a, const struct field *b)
{
	if (a->nname != b->nname || memcmp(a->name, b->name, a->nname))
		return false;
	return *a->name != ':' || (a->nkind == b->nkind && !memcmp(a->kind, b->kind, a->nkind));
}

static const struct field *find_named(const struct fields *f, const struct field *like)
{
	for (uint32_t i = 0; i < f->n; i++)
		if (has_name_of(&f->list[i], like))
			return &f->list[i];
	return NULL;
}

/* The place of the last dot in the name; 0: it has none. */
static int last_dot(const struct field *f)
{
	int n = f->nname;

	while (n && f->name[--n] != '.')
		;
	return n;
}

/* The nearest field around F that both have: of "in.part.len" that is "in.part", else "in". NULL: there is none. */
static const struct field *around(const struct fields *old, const struct fields *new, const struct field *f)
{
	struct field outer = *f;
	const struct field *was, *now = NULL;

	while (!now && (outer.nname = last_dot(&outer)) > 0) {
		was = find_named(old, &outer);
		now = was ? find_named(new, &outer) : NULL;
	}
	return now;
}

static bool is_nameless_union(const struct field *f)
{
	size_t n;
	const char *name = kind_struct(f->kind, f->nkind, &n);

	return name && n == strlen("union") && !memcmp(name, "union", n);
}

/* A base class under another name, or a field of NEW that lies in one that both have (a union's member). */
static bool is_no_news(struct both *b, const struct fields *old, const struct fields *new, const struct field *f)
{
	const struct field *outer = around(old, new, f);
	uint64_t end = f->at + f->size;

	if (outer)
		return is_nameless_union(outer);

	for (uint32_t i = 0; i < old->n; i++) {
		const struct field *o = &old->list[i], *same = find_named(new, o);

		if (!same && *o->name == ':' && *f->name == ':' && o->at == f->at &&
		    kind_fits(b, o->kind, o->nkind, f->kind, f->nkind))
			return true;
		if (same && same->at == o->at && same->size == o->size && f->at >= o->at && end <= o->at + o->size)
			return true;
	}
	return false;
}

/* ---- the difference ---------------------------------------------------------------------------------------------- */

enum { MANY = 4 };                      /* differences that are told one by one */

struct told { char *text; uint32_t n; };

static void tell(struct told *t, char *what)
{
	char *old = t->text;

	if (t->n++ < MANY)
		t->text = old ? xasprintf("%s; %s", old, what) : xstrdup(what);
	if (t->text != old)
		free(old);
	free(what);
}

static char *place_text(const struct field *f)
{
	return f->at % 8 ? xasprintf("%llu.%llu", (unsigned long long)f->at / 8, (unsigned long long)f->at % 8) :
			   xasprintf("%llu", (unsigned long long)f->at / 8);
}

static char *size_text(uint64_t bits)
{
	return bits % 8 ? xasprintf("%llu bits", (unsigned long long)bits) :
			  xasprintf("%llu bytes", (unsigned long long)bits / 8);
}

static char *called(const struct field *f)
{
	size_t n;
	const char *base = *f->name == ':' ? kind_struct(f->kind, f->nkind, &n) : NULL;

	return base ? xasprintf("base '%.*s'", (int)n, base) : xasprintf("field '%.*s'", f->nname, f->name);
}

static bool is_callable(const struct field *f)
{
	return memchr(f->kind, '=', f->nkind);
}

/* The field of OLD whose place F took. */
static const struct field *field_before(const struct fields *old, const struct fields *new, const struct field *f)
{
	for (uint32_t i = 0; *f->name != ':' && i < old->n; i++) {
		const struct field *o = &old->list[i];

		if (o->at == f->at && o->size == f->size && !find_named(new, o))
			return o;
	}
	return NULL;
}

/* Of a field at the place of another. */
static char *instead_text(struct both *b, const struct field *was, const struct field *f)
{
	if (is_callable(was) && is_callable(f) && !kind_fits(b, was->kind, was->nkind, f->kind, f->nkind))
		return xasprintf("field '%.*s' points to functions of another type than '%.*s' did", f->nname, f->name,
				 was->nname, was->name);
	return xasprintf("field '%.*s' is now '%.*s'", was->nname, was->name, f->nname, f->name);
}

static void tell_news(struct told *t, struct both *b, const struct fields *old, const struct fields *new)
{
	for (uint32_t i = 0; i < new->n; i++) {
		const struct field *f = &new->list[i], *was;
		char *name, *place;

		if (find_named(old, f) || is_no_news(b, old, new, f))
			continue;
		name = called(f);
		place = place_text(f);
		was = field_before(old, new, f);
		tell(t, was ? instead_text(b, was, f) : xasprintf("new %s at %s", name, place));
		free(name);
		free(place);
	}
}

static void tell_move(struct told *t, struct both *types, const struct field *a, const struct field *b)
{
	char *name = called(a), *from = place_text(a), *to = place_text(b), *was = size_text(a->size);
	char *size = size_text(b->size);

	if (a->at != b->at)
		tell(t, xasprintf("%s moved from %s to %s", name, from, to));
	else if (a->size != b->size)
		tell(t, xasprintf("%s has %s, was %s", name, size, was));
	else if (!kind_fits(types, a->kind, a->nkind, b->kind, b->nkind))
		tell(t, xasprintf("%s %s", name, kind_change(a->kind, a->nkind, b->kind, b->nkind)));
	free(name);
	free(from);
	free(to);
	free(size);
	free(was);
}

static void tell_moves(struct told *t, struct both *b, const struct fields *old, const struct fields *new)
{
	for (uint32_t i = 0; i < old->n; i++) {
		const struct field *same = find_named(new, &old->list[i]);

		if (same)
			tell_move(t, b, &old->list[i], same);
	}
}

char *layout_difference(struct both *types, const struct layout *old, const struct layout *new)
{
	struct told t = { NULL, 0 };
	struct fields a, b;

	if (!strcmp(old->size, new->size) && !strcmp(old->fields, new->fields))
		return NULL;
	a = fields_of(old);
	b = fields_of(new);
	if (strcmp(old->size, new->size))
		tell(&t, xasprintf("%s bytes, was %s", new->size, old->size));
	tell_news(&t, types, &a, &b);
	tell_moves(&t, types, &a, &b);
	free(a.list);
	free(b.list);
	if (t.n > MANY)
		t.text = reconcat(t.text, t.text, "; and more", NULL);
	return t.text;
}

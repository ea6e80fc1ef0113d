// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Bytes without a name: string literals, constants, jump tables, initialisers. Two builds number and order them
 * differently, so they are the same when their content is. How much of it a use means is nowhere written down:
 *
 *   memory operand         what its instruction reads at once. Edges do not count: constants overlap.
 *   address, in a literal  the C string (or wide string) there. `lea .LC0(%rip), %rdi`
 *   address, elsewhere     up to the next hard edge: an address that is taken, an object. (An edge is any address that
 *                          something refers to, or the start or end of an object.) An initialiser that is
 *                          copied from is such a thing: other instructions may read single words of its middle.
 *                          A text with nothing but padding behind it ends at any edge, and none ends before its NUL.
 *
 * Where that takes in more than the use means, a difference there makes the user look changed: safe, only more work.
 * Words in these bytes that are references themselves are compared as such, four levels deep.
 *
 * A jump table is a run of distances from its own start (PIC) or of addresses, each leading into the function that uses
 * it; it ends at the next edge or where a word leads elsewhere.
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "diff.h"
#include "facts.h"
#include "read.h"

#define MAX_OPERAND 64
#define MAX_DEPTH 4
#define LONGEST_TABLE 1024      /* of distances in assembler code, in bytes */
#define BELOW_TABLE 64          /* how far below it they may be counted from (`.long case_2 - (table - 8)`) */
#define LONGEST_NARROW 5        /* string, with its NUL, that may be the start of one of wider characters */

/* Three bits for each byte of a section that is loaded and not code: an edge, a hard edge, an edge of an object. */
struct edges { uint64_t *any, *hard, *object; };
enum edge { EDGE_ANY, EDGE_HARD, EDGE_OBJECT };         /* each of them is also one of those before it */

struct anon_map { struct edges *of; };                  /* by position in image.sections; any is NULL without edges */

/* ---- edges ------------------------------------------------------------------------------------------------------- */

static bool has_edges(const struct section *s)
{
	return s->addr && s->size && s->bytes && !s->exec && !s->tls;
}

static void set_bit(uint64_t *bits, uint64_t i)
{
	bits[i / 64] |= 1ull << i % 64;
}

/* *s: the section of the address before, likely that of this one as well. */
static void add_edge(const struct image *img, struct section **s, uint64_t addr, enum edge edge)
{
	struct edges *e;

	if (!*s || addr - (*s)->addr >= (*s)->size)
		*s = image_section_at(img, addr);
	e = *s ? &img->anon->of[*s - img->sections] : NULL;
	if (!e || !e->any)
		return;
	set_bit(e->any, addr - (*s)->addr);
	if (edge >= EDGE_HARD)
		set_bit(e->hard, addr - (*s)->addr);
	if (edge >= EDGE_OBJECT)
		set_bit(e->object, addr - (*s)->addr);
}

static void add_edges_of(const struct image *img, struct section **s, const struct object *o)
{
	if (!o->section || o->section->exec)
		return;
	add_edge(img, s, o->addr, EDGE_OBJECT);
	add_edge(img, s, o->addr + o->size, EDGE_OBJECT);
}

static void build_map(struct image *img)
{
	struct anon_map *map = xcalloc(1, sizeof *map);
	struct section *s = NULL;

	map->of = xcalloc(img->nsections + 1, sizeof *map->of);
	for (uint32_t i = 0; i < img->nsections; i++) {
		size_t words = img->sections[i].size / 64 + 2;

		if (!has_edges(&img->sections[i]))
			continue;
		map->of[i].any = xcalloc(words, 8);
		map->of[i].hard = xcalloc(words, 8);
		map->of[i].object = xcalloc(words, 8);
	}
	img->anon = map;
	for (uint32_t i = 0; i < img->nrefs; i++) {
		const struct ref *r = &img->refs[i];

		if (r->target != TARGET_ANON)
			continue;
		add_edge(img, &s, r->addr, r->lea || r->literal ? EDGE_HARD : EDGE_ANY);
		if (r->literal && r->offset)
			add_edge(img, &s, literal_base(r).addr, EDGE_HARD);
	}
	for (uint32_t i = 0; i < img->nobjects; i++)
		add_edges_of(img, &s, &img->objects[i]);
}

void anon_release(struct image *img)
{
	if (!img->anon)
		return;
	for (uint32_t i = 0; i < img->nsections; i++) {
		free(img->anon->of[i].any);
		free(img->anon->of[i].hard);
		free(img->anon->of[i].object);
	}
	free(img->anon->of);
	free(img->anon);
	img->anon = NULL;
}

/* First bit set in [i, n), else n. */
static uint64_t next_bit(const uint64_t *bits, uint64_t i, uint64_t n)
{
	uint64_t w;

	if (i >= n)
		return n;
	w = bits[i / 64] & ~0ull << i % 64;
	while (!w && (i / 64 + 1) * 64 < n) {
		i = (i / 64 + 1) * 64;
		w = bits[i / 64];
	}
	if (!w)
		return n;
	i = i / 64 * 64 + __builtin_ctzll(w);
	return i < n ? i : n;
}

/* Bytes from addr up to the next such edge behind it, or the end of the section; at most MOST, for a section may have
 * megabytes without one. */
static uint64_t extent(const struct image *img, uint64_t addr, enum edge edge, uint64_t most)
{
	struct section *s = image_section_at(img, addr);
	struct edges *e;
	uint64_t off, *bits;

	if (!s || !has_edges(s))
		return 0;
	if (!img->anon)
		build_map((struct image *)img);
	e = &img->anon->of[s - img->sections];
	off = addr - s->addr;
	bits = edge == EDGE_OBJECT ? e->object : edge == EDGE_HARD ? e->hard : e->any;
	most = most < s->size - off ? most : s->size - off;
	return next_bit(bits, off + 1, off + most) - off;
}

uint64_t anon_extent(const struct image *img, uint64_t addr)
{
	return extent(img, addr, EDGE_ANY, UINT64_MAX);
}

/* ---- strings ----------------------------------------------------------------------------------------------------- */

static uint64_t room_at(const struct image *img, uint64_t addr)
{
	const struct section *s = image_section_at(img, addr);

	return s && s->bytes ? s->addr + s->size - addr : 0;
}

/* Size of the string of UNIT-byte characters at addr with its terminator, 0 when it does not end. */
static uint64_t string_size(const struct image *img, uint64_t addr, unsigned unit)
{
	uint64_t n = room_at(img, addr);
	const uint8_t *p = n ? image_bytes(img, addr, n) : NULL, *end;
	static const uint8_t zero[4];

	if (!p)
		return 0;
	if (unit == 1) {
		end = memchr(p, 0, n);
		return end ? end - p + 1 : 0;
	}
	for (uint64_t i = 0; i + unit <= n; i += unit) {
		if (!memcmp(p + i, zero, unit))
			return i + unit;
		if (unit == 4 && (p[i + 3] || p[i + 2] > 0x10))
			return 0;                       /* no character has such a number */
	}
	return 0;
}

const char *anon_string(const struct image *img, uint64_t addr)
{
	uint64_t n = string_size(img, addr, 1);

	return n ? (const char *)image_bytes(img, addr, n) : NULL;
}

static bool is_text_byte(uint8_t c)
{
	return c >= 32 || (c >= 7 && c <= 13) || c == 27;
}

/* A short string of narrow characters for certain: no constant (`.LC0` in .rodata.cst16 has a label of the same kind).
 * Those are aligned, in both builds: TWIN is the address in the other one, or addr again. */
static bool is_narrow(const struct image *img, uint64_t addr, uint64_t twin, uint64_t n)
{
	const uint8_t *p = image_bytes(img, addr, n);

	for (uint64_t i = 0; i + 1 < n; i++)
		if (!is_text_byte(p[i]))
			return false;
	return n > 1 || (addr | twin) % 4;
}

/* Size of the string of UNIT-byte characters that may begin at addr, 0 without one. */
static uint64_t text_size(const struct image *img, uint64_t addr, unsigned unit)
{
	uint64_t size = addr % unit ? 0 : string_size(img, addr, unit);

	return size && extent(img, addr, EDGE_OBJECT, size) == size ? size : 0;
}

static uint64_t at_least(uint64_t n, uint64_t size)
{
	return size > n ? size : n;
}

/* N bytes at addr, or all of the text that may begin there: a wide string looks like a short one of one-byte characters,
 * so the widest reading that holds together counts. */
static uint64_t widest_text(const struct image *img, uint64_t addr, uint64_t n)
{
	unsigned wide = facts_wide(img);

	for (unsigned unit = 2; unit <= 4; unit *= 2)
		if (wide & unit)
			n = at_least(n, text_size(img, addr, unit));
	return n;
}

/* Size of what may be read through the address of a literal, but for wide texts. */
static uint64_t literal_size(const struct image *img, uint64_t addr, uint64_t twin)
{
	uint64_t n = string_size(img, addr, 1);

	if (n <= LONGEST_NARROW && !(n && is_narrow(img, addr, twin, n)))
		n = extent(img, addr, EDGE_HARD, MAX_OPERAND);
	return at_least(n, text_size(img, addr, 1));
}

/* The first N bytes at addr are a text, its NUL and padding. */
static bool is_padded_text(const struct image *img, uint64_t addr, uint64_t n)
{
	uint64_t size = string_size(img, addr, 1);
	const uint8_t *p = size && size <= n && n - size < 32 ? image_bytes(img, addr, n) : NULL;

	for (uint64_t i = 0; p && i < n; i++)
		if (i + 1 < size ? p[i] < 32 && !strchr("\t\n\r\033", p[i]) : p[i])
			return false;
	return p && size > 1;
}

static bool is_text_alone(const struct image *img, uint64_t addr)
{
	return is_padded_text(img, addr, extent(img, addr, EDGE_ANY, UINT64_MAX));
}

/* Without mergeable sections (-O0) a text may stand in front of the constant of a direct operand; that edge counts. The
 * linker lets a text end with another one (`.LC1: "%lu"` in "id=%lu"): that edge does not. */
static uint64_t taken_size(const struct image *img, uint64_t addr)
{
	uint64_t any = extent(img, addr, EDGE_ANY, UINT64_MAX);

	if (!is_padded_text(img, addr, any))
		any = extent(img, addr, EDGE_HARD, UINT64_MAX);
	return at_least(any, text_size(img, addr, 1));
}

static uint64_t read_size(const struct image *img, const struct ref *use)
{
	const struct object *o = image_object_at(img, use->at);
	const uint8_t *code = o ? image_bytes(img, o->addr, o->size) : NULL;
	uint64_t n = code ? insn_operand(code, o->size, use->at - o->addr) : MAX_OPERAND;

	return extent(img, use->addr, EDGE_OBJECT, n);
}

/* USE is an address in code, and not by a label: the code may have that of an end, and count back. */
static void find_reach(const struct image *img, const struct ref *use, uint64_t *before, uint64_t *behind)
{
	const struct object *user = use->literal || (use->kind == REF_PCREL && !use->lea) ? NULL : image_object_at(img, use->at);

	*before = *behind = 0;
	if (user && is_code(user) && !hp_broken("reach"))
		facts_reach(user, before, behind);
}

/* As many of the N bytes before ADDR as belong to no object. */
static uint64_t room_before(const struct image *img, uint64_t addr, uint64_t n)
{
	const struct section *s = image_section_at(img, addr);
	const struct object *o = s ? name_before(img, s, addr) : NULL;
	uint64_t start = o ? o->addr + o->size : s ? s->addr : addr;

	return start >= addr ? 0 : addr - start < n ? addr - start : n;
}

/* Size of what USE means, from its address on. */
static uint64_t reached_size(const struct image *img, const struct ref *use)
{
	uint64_t before, behind, free, n = taken_size(img, use->addr);

	find_reach(img, use, &before, &behind);
	free = behind ? extent(img, use->addr, EDGE_OBJECT, behind) : 0;
	return at_least(n, free < behind ? free : behind ? free + taken_size(img, use->addr + free) : 0);
}

uint64_t anon_size(const struct image *img, const struct ref *use)
{
	if (use->target != TARGET_ANON)
		return 0;
	if (use->kind == REF_PCREL && !use->lea)
		return read_size(img, use);
	return widest_text(img, use->addr, use->literal ? literal_size(img, use->addr, use->addr) : reached_size(img, use));
}

uint64_t anon_whole(const struct image *img, const struct ref *use, uint64_t *start)
{
	struct ref base = literal_base(use);
	uint64_t before, behind, size = anon_size(img, &base), end = use->addr + anon_size(img, use);

	find_reach(img, use, &before, &behind);
	*start = before && use->target == TARGET_ANON ? base.addr - room_before(img, base.addr, before) : base.addr;
	return at_least(base.addr - *start + size, end > *start ? end - *start : 0);
}

/* GCC keeps constants that need the load base in .data when their type does not say const (`.LC5` in .data: an
 * initialiser that is copied). What is nameless and used by code of the plugin is such a thing; a variable has a name, unless
 * hidden.c says otherwise. */
bool anon_is_constant(const struct image *img, uint64_t addr, const struct object *user)
{
	const struct section *s = image_section_at(img, addr);

	if (!s || !s->bytes || s->nobits || s->exec || s->tls)
		return false;
	if (!s->write || s->relro || !user || user->kind != OBJECT_FUNC)
		return true;
	return facts_known(user) && !hides_data(user);
}

/* ---- jump tables ------------------------------------------------------------------------------------------------- */

static bool is_inside(const struct object *o, uint64_t addr)
{
	return o && addr - o->addr < o->size;
}

static bool is_end(const struct object *o, uint64_t addr)
{
	return o && addr == o->addr + o->size;
}

/* A cold part without a byte is a label, and its function does not know it. */
static const struct object *empty_part(const struct image *img, const struct object *owner, uint64_t addr)
{
	const struct section *s = image_section_at(img, addr);
	const struct object *o = s && s->exec ? label_at(img, s, addr) : NULL;
	size_t n = strlen(owner->name);

	return o && !strncmp(o->name, owner->name, n) && !strncmp(o->name + n, ".cold", 5) ? o : NULL;
}

/* ADDR leads into OWNER, its cold part, or the function whose cold part OWNER is; or to where nothing is any more, since
 * the compiler knows that nobody comes: behind the last instruction, or to an empty cold part. */
static const struct object *part_at(const struct image *img, const struct object *owner, uint64_t addr)
{
	if (is_inside(owner, addr))
		return owner;
	if (is_inside(owner->cold, addr))
		return owner->cold;
	if (is_inside(owner->hot, addr))
		return owner->hot;
	return is_end(owner, addr) ? owner : is_end(owner->cold, addr) ? owner->cold :
	       is_end(owner->hot, addr) ? owner->hot : empty_part(img, owner, addr);
}

static uint64_t table_target(const struct image *img, uint64_t table, uint64_t at, uint32_t width)
{
	const uint8_t *p = image_bytes(img, at, width);
	int32_t distance;

	if (!p)
		return 0;
	if (width == 4) {
		memcpy(&distance, p, 4);
		return table + distance;
	}
	return 0;
}

static bool is_table_use(const struct ref *r)
{
	if (r->target != TARGET_ANON || r->literal)
		return false;
	return (r->kind == REF_PCREL && r->lea) || r->kind == REF_ABS32S || r->kind == REF_ABS32 || r->kind == REF_ABS64;
}

bool jump_table(const struct image *img, const struct ref *ref, const struct object *owner, uint32_t *n, uint32_t *width)
{
	uint64_t end;
	const struct ref *r;
	uint32_t nrefs;

	*n = *width = 0;
	if (!is_table_use(ref) || !owner || hp_broken("jump-tables"))
		return false;
	end = ref->addr + extent(img, ref->addr, EDGE_ANY, UINT64_MAX);
	r = image_refs_in(img, ref->addr, end, &nrefs);
	if (!nrefs || r->at != ref->addr || (r->kind != REF_PCREL_DATA && r->kind != REF_ABS64))
		return false;
	*width = r->kind == REF_ABS64 ? 8 : 4;
	for (uint32_t i = 0; i < nrefs && r[i].kind == r->kind && r[i].at == ref->addr + (uint64_t)i * *width; i++) {
		uint64_t target = *width == 8 ? r[i].addr : table_target(img, ref->addr, r[i].at, 4);

		if (!part_at(img, owner, target))
			break;
		++*n;
	}
	return *n > 0;
}

static bool tables_same(const struct diff *d, const struct ref *old, const struct ref *new,
			const struct object *old_owner, const struct object *new_owner, uint32_t n, uint32_t width)
{
	uint32_t no, nn;
	const struct ref *ro = image_refs_in(d->old, old->addr, old->addr + n * width, &no);
	const struct ref *rn = image_refs_in(d->new, new->addr, new->addr + n * width, &nn);

	for (uint32_t i = 0; i < n; i++) {
		uint64_t a = width == 8 ? ro[i].addr : table_target(d->old, old->addr, ro[i].at, width);
		uint64_t b = width == 8 ? rn[i].addr : table_target(d->new, new->addr, rn[i].at, width);
		const struct object *pa = part_at(d->old, old_owner, a), *pb = part_at(d->new, new_owner, b);

		if (a - pa->addr != b - pb->addr || pa->twin != pb)
			return false;
	}
	return true;
}

/* ---- comparing --------------------------------------------------------------------------------------------------- */

static bool anon_same_at(const struct diff *d, const struct ref *old, const struct ref *new,
			 const struct object *old_owner, const struct object *new_owner, int depth);

static bool is_label(const struct object *o)
{
	return o->kind == OBJECT_LABEL && o->section && o->section->exec;
}

/* Under a label, or to it. */
static bool is_to_nameless_code(const struct image *img, const struct ref *r)
{
	const struct section *s = r->target == TARGET_ANON ? image_section_at(img, r->addr) : NULL;

	return s ? s->exec : r->target == TARGET_OBJECT && is_label(r->object);
}

/* How far before the place that R seems to lead to its true one may be; OFFSET: of R in its table. */
static uint64_t most_before(const struct ref *r, uint64_t offset)
{
	if (r->kind != REF_PCREL_DATA || r->counted)
		return 0;
	return BELOW_TABLE + (offset < LONGEST_TABLE ? offset : LONGEST_TABLE);
}

/* OFFSET: of the field, from where the bytes begin. */
static bool field_same(const struct diff *d, const struct ref *a, const struct ref *b, uint64_t offset,
		       const struct object *old_owner, const struct object *new_owner, int depth)
{
	uint64_t before = most_before(a, offset);

	if (a->counted != b->counted)
		return false;
	if (a->kind != b->kind || a->size != b->size || a->tail != b->tail || a->target != b->target)
		return ref_same(d, a, b);
	if ((before || a->target == TARGET_ANON) && is_to_nameless_code(d->old, a) && is_to_nameless_code(d->new, b))
		return outside_place_same(d, a->addr, b->addr, before);
	if (a->target != TARGET_ANON)
		return ref_same(d, a, b);
	return a->lea == b->lea && anon_same_at(d, a, b, old_owner, new_owner, depth + 1);
}

static uint64_t first_mismatch(const uint8_t *p, const uint8_t *q, uint64_t from)
{
	while (p[from] == q[from])
		from++;
	return from;
}

static bool runs_same(const struct diff *d, const struct object *old_owner, const struct object *new_owner,
		      uint64_t old_addr, uint64_t new_addr, uint64_t n, uint64_t *where, int depth)
{
	const uint8_t *p = image_bytes(d->old, old_addr, n), *q = image_bytes(d->new, new_addr, n);
	uint32_t no, nn, i;
	const struct ref *a = image_refs_in(d->old, old_addr, old_addr + n, &no);
	const struct ref *b = image_refs_in(d->new, new_addr, new_addr + n, &nn);
	uint64_t done = 0;

	if (!p || !q || depth > MAX_DEPTH)
		return false;
	for (i = 0; i < no && i < nn; i++) {
		uint64_t at = a[i].at - old_addr, bt = b[i].at - new_addr, upto = at < bt ? at : bt;

		*where = upto;
		if (upto > done && memcmp(p + done, q + done, upto - done)) {
			*where = first_mismatch(p, q, done);
			return false;
		}
		if (at != bt || !field_same(d, &a[i], &b[i], at, old_owner, new_owner, depth))
			return false;
		done = at + a[i].size;
	}
	if (done < n && memcmp(p + done, q + done, n - done)) {
		*where = first_mismatch(p, q, done);
		return false;
	}
	*where = no > i ? a[i].at - old_addr : nn > i ? b[i].at - new_addr : n;
	return no == nn;
}

bool bytes_same(const struct diff *d, const struct object *old_owner, const struct object *new_owner,
		uint64_t old_addr, uint64_t new_addr, uint64_t n, uint64_t *where)
{
	*where = 0;
	return !n || runs_same(d, old_owner, new_owner, old_addr, new_addr, n, where, 0);
}

static bool is_zero(const struct image *img, uint64_t addr, uint64_t n)
{
	const uint8_t *p = image_bytes(img, addr, n);

	for (uint64_t i = 0; p && i < n; i++)
		if (p[i])
			return false;
	return p;
}

/* The longer one may have padding behind it, up to what an alignment of 64 makes. */
static bool contents_same(const struct diff *d, uint64_t old_addr, uint64_t no, uint64_t new_addr, uint64_t nn, int depth)
{
	uint64_t n = no < nn ? no : nn, where;

	if (!n || !runs_same(d, NULL, NULL, old_addr, new_addr, n, &where, depth))
		return false;
	if (no > n)
		return no - n < 64 && is_zero(d->old, old_addr + n, no - n);
	return nn == n || (nn - n < 64 && is_zero(d->new, new_addr + n, nn - n));
}

static bool operands_same(const struct diff *d, const struct ref *old, const struct ref *new, int depth)
{
	uint64_t no = anon_size(d->old, old), nn = anon_size(d->new, new), n = no < nn ? no : nn, where;

	return n && runs_same(d, NULL, NULL, old->addr, new->addr, n, &where, depth);
}

/* Code without facts is from an archive: there a literal that is not aligned in one of the builds is narrow in both. Code of
 * the plugin may have said "x" and says L"x" now, with no other difference: what reads it has changed. */
static bool is_foreign(const struct object *user)
{
	return user && user->kind == OBJECT_FUNC && !facts_known(user);
}

/* A wide text that begins at one of the places is at the other one, too. */
static bool wide_same(const struct diff *d, uint64_t old_addr, uint64_t new_addr, bool foreign)
{
	unsigned wide = facts_wide(d->old) | facts_wide(d->new);

	for (unsigned unit = 2; unit <= 4; unit *= 2) {
		uint64_t so, sn, n;
		const uint8_t *p, *q;

		if (!(wide & unit) || (foreign && (old_addr | new_addr) % unit))
			continue;
		so = text_size(d->old, old_addr, unit);
		sn = text_size(d->new, new_addr, unit);
		n = at_least(so, sn);
		p = image_bytes(d->old, old_addr, n);
		q = image_bytes(d->new, new_addr, n);
		if (n && (!p || !q || memcmp(p, q, n)))
			return false;
	}
	return true;
}

static bool literal_starts_same(const struct diff *d, const struct ref *old, const struct ref *new, bool foreign)
{
	uint64_t so = string_size(d->old, old->addr, 1), sn = string_size(d->new, new->addr, 1), no, nn;

	if (!wide_same(d, old->addr, new->addr, foreign) && !hp_broken("wide-texts"))
		return false;
	if (so == sn && (so > LONGEST_NARROW || (so && is_narrow(d->old, old->addr, new->addr, so))))
		return !memcmp(image_bytes(d->old, old->addr, so), image_bytes(d->new, new->addr, sn), so);
	no = literal_size(d->old, old->addr, new->addr);
	nn = literal_size(d->new, new->addr, old->addr);
	return contents_same(d, old->addr, no, new->addr, nn, 0);
}

/* The whole literal counts, also where the code has the address of its end only and counts backwards. */
static bool literals_same(const struct diff *d, const struct ref *old, const struct ref *new, bool foreign)
{
	struct ref o = literal_base(old), n = literal_base(new);

	return old->offset == new->offset && literal_starts_same(d, &o, &n, foreign);
}

/* Of code only; and where there are wide literals, what looks like a narrow one may be the start of one. */
static bool line_texts_same(const struct diff *d, const struct ref *old, const struct ref *new,
			    const struct object *old_owner, const struct object *new_owner)
{
	const char *a = anon_string(d->old, old->addr), *b = anon_string(d->new, new->addr);

	return a && b && new_owner && is_code(new_owner) && new_owner->twin == old_owner && !old->offset && !new->offset &&
	       !(facts_wide(d->old) | facts_wide(d->new)) && line_text_moved(d, new_owner, a, b);
}

/* The bytes before the two, of which either may be the end; those of an object before them are none. */
static bool before_same(const struct diff *d, const struct ref *old, const struct ref *new, int depth)
{
	uint64_t was, now, behind, most, n, m, where;

	find_reach(d->old, old, &was, &behind);
	find_reach(d->new, new, &now, &behind);
	most = at_least(was, now);
	if (!most)
		return true;
	n = room_before(d->old, old->addr, most);
	m = room_before(d->new, new->addr, most);
	n = n < m ? n : m;
	return !n || runs_same(d, NULL, NULL, old->addr - n, new->addr - n, n, &where, depth);
}

static bool anon_same_at(const struct diff *d, const struct ref *old, const struct ref *new,
			 const struct object *old_owner, const struct object *new_owner, int depth)
{
	uint32_t no, nn, wo, wn;
	bool to, tn, foreign = is_foreign(old_owner) && is_foreign(new_owner);

	if (depth > MAX_DEPTH)
		return false;
	if (old->kind == REF_PCREL && !old->lea)
		return operands_same(d, old, new, depth);
	if (old->literal && new->literal)
		return literals_same(d, old, new, foreign) || line_texts_same(d, old, new, old_owner, new_owner);
	to = jump_table(d->old, old, old_owner, &no, &wo);
	tn = jump_table(d->new, new, new_owner, &nn, &wn);
	if (to || tn)
		return to == tn && no == nn && wo == wn && tables_same(d, old, new, old_owner, new_owner, no, wo);
	if (!before_same(d, old, new, depth))
		return false;
	if (is_text_alone(d->old, old->addr) && is_text_alone(d->new, new->addr) &&
	    line_texts_same(d, old, new, old_owner, new_owner))
		return true;
	return wide_same(d, old->addr, new->addr, foreign) &&
	       contents_same(d, old->addr, reached_size(d->old, old), new->addr, reached_size(d->new, new), depth);
}

bool anon_same(const struct diff *d, const struct ref *old, const struct ref *new,
	       const struct object *old_owner, const struct object *new_owner)
{
	return anon_same_at(d, old, new, old_owner, new_owner, 0);
}

/* ---- what assembler code keeps for itself ------------------------------------------------------------------------ */

/* The object or label that ADDR is behind, with nothing but nameless bytes between; NULL without one. *END: of those bytes. */
static struct object *stands_behind(const struct image *img, uint64_t addr, uint64_t *end)
{
	const struct section *s = image_section_at(img, addr);
	struct object *o = s ? name_before(img, s, addr) : NULL;

	*end = o ? next_name(o) : 0;
	return o && o->addr + o->size <= addr ? o : NULL;
}

uint64_t nameless_twin(const struct diff *d, uint64_t addr)
{
	uint64_t end, old_end, old;
	const struct object *b = stands_behind(d->new, addr, &end), *a = b ? b->twin : NULL;

	if (!a || a->size != b->size)
		return 0;
	old = a->addr + (addr - b->addr);
	if (stands_behind(d->old, old, &old_end) != a)
		return 0;
	if (a->section->nobits || b->section->nobits)
		return a->section->nobits && b->section->nobits && old_end - a->addr == end - b->addr ? old : 0;
	return nameless_same(d, old, old_end - old, addr, end - addr) ? old : 0;
}

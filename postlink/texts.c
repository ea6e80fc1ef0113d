// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Literals of NEW that OLD has, too. Programs may tell a text by its address (`mode == "fast"`: C leaves open whether that
 * holds, compilers and linkers see to it that it does within a program), and objects keep such addresses. So the new code
 * takes OLD's where OLD's code or data has the address of the same text, and only other literals travel in the patch.
 *
 * Of several equal ones (the linker merges what asks for the same alignment) NEW's comparisons can mean one only: the first
 * that is aligned to 8 bytes or is not, as the one in NEW.
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include <libiberty/hashtab.h>
#include "layout.h"

#define LONG 32                         /* bytes; what is shorter is read by instructions that name it */
#define CACHE_LINE 64

struct text {
	const char *bytes;              /* in the file, up to a NUL */
	uint64_t addr;                  /* in OLD */
	struct text *next;              /* the same bytes elsewhere, addresses descend */
};

struct texts {
	htab_t by_bytes;                /* the last one with these bytes */
	struct text *all;
};

static hashval_t text_hash(const void *p)
{
	return htab_hash_string(((const struct text *)p)->bytes);
}

static int text_eq(const void *a, const void *b)
{
	return !strcmp(((const struct text *)a)->bytes, ((const struct text *)b)->bytes);
}

/* USE has the address of a text, and does not read there itself. */
static bool takes_text(const struct image *img, const struct ref *use)
{
	bool takes = use->kind == REF_PCREL ? use->lea :
		     use->kind == REF_ABS32 || use->kind == REF_ABS32S || use->kind == REF_ABS64;

	return takes && use->target == TARGET_ANON && (use->literal || anon_is_text(img, use->addr));
}

static int compare_addresses(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Addresses of OLD's texts, ascending; the caller frees. */
static uint64_t *text_addresses(const struct image *old, uint32_t *n)
{
	uint64_t *addrs = xmalloc((old->nrefs + 1) * sizeof *addrs);
	uint32_t i, found = 0;

	for (i = 0; i < old->nrefs; i++)
		if (takes_text(old, &old->refs[i]))
			addrs[found++] = literal_base(&old->refs[i]).addr;
	qsort(addrs, found, sizeof *addrs, compare_addresses);
	for (*n = i = 0; i < found; i++)
		if (!*n || addrs[i] != addrs[*n - 1])
			addrs[(*n)++] = addrs[i];
	return addrs;
}

/* What stands there for good; NULL: nothing. */
static const char *kept_text(const struct image *old, uint64_t addr)
{
	const struct section *s = image_section_at(old, addr);

	return s && !s->write ? anon_string(old, addr) : NULL;
}

static struct texts *texts_of(const struct image *old)
{
	struct texts *t = xcalloc(1, sizeof *t);
	uint32_t i, n;
	uint64_t *addrs = text_addresses(old, &n);

	t->by_bytes = htab_create_alloc(n, text_hash, text_eq, NULL, xcalloc, free);
	t->all = xcalloc(n + 1, sizeof *t->all);
	for (i = 0; i < n; i++) {
		struct text *text = &t->all[i];
		void **slot;

		text->addr = addrs[i];
		text->bytes = kept_text(old, addrs[i]);
		if (!text->bytes)
			continue;
		slot = htab_find_slot(t->by_bytes, text, INSERT);
		text->next = *slot;
		*slot = text;
	}
	free(addrs);
	return t;
}

/* Code may read a long one in large aligned steps, like the initialiser that it could be. */
static bool aligned_alike(uint64_t old, uint64_t new, uint64_t n)
{
	return n < LONG || alignment_of(old, CACHE_LINE) >= alignment_of(new, CACHE_LINE);
}

/* The one of OLD's texts that stands for the literal at ADDR in NEW, N bytes. */
static uint64_t choose(const struct diff *d, const struct text *text, uint64_t addr, uint64_t n)
{
	const uint8_t *new = image_bytes(d->new, addr, n), *old;
	uint64_t first = 0, alike = 0;

	for (; new && text; text = text->next) {
		old = image_bytes(d->old, text->addr, n);
		if (!old || memcmp(old, new, n) || !aligned_alike(text->addr, addr, n))
			continue;
		first = text->addr;
		if (!(text->addr % 8) == !(addr % 8))
			alike = text->addr;
	}
	return alike ? alike : first;
}

/* PART names BASE in a way that tells no text. */
static bool names_bytes(const struct object *part, uint64_t base)
{
	for (uint32_t i = 0; part && i < part->nrefs; i++) {
		const struct ref *r = &part->image->refs[part->first_ref + i];

		if (r->target == TARGET_ANON && literal_base(r).addr == base && !takes_text(part->image, r))
			return true;
	}
	return false;
}

/* So does the user of USE: `std::string s = "fresh"` passes both ends, in a program at a fixed address one by the literal's label
 * and the other, where another edge cuts off the NUL, without. They keep their distance in the patch only (runs.c). */
static bool is_named_otherwise(const struct image *img, const struct ref *use, uint64_t base)
{
	const struct object *user = image_object_at(img, use->at);

	return user && (names_bytes(user, base) || names_bytes(user->cold, base) || names_bytes(user->hot, base));
}

uint64_t text_of_old(struct layout *l, const struct ref *use)
{
	struct ref base = literal_base(use);
	struct text key = { .bytes = takes_text(l->d->new, use) ? anon_string(l->d->new, base.addr) : NULL };
	uint64_t n, addr;

	if (!key.bytes || !*key.bytes || hp_broken("texts"))
		return 0;
	if (!l->texts)
		l->texts = texts_of(l->d->old);
	n = anon_size(l->d->new, &base);
	if (is_named_otherwise(l->d->new, use, base.addr))
		return 0;
	addr = choose(l->d, htab_find(l->texts->by_bytes, &key), base.addr, n);
	return addr ? addr + (use->addr - base.addr) : 0;
}

void texts_release(struct layout *l)
{
	if (!l->texts)
		return;
	htab_delete(l->texts->by_bytes);
	free(l->texts->all);
	free(l->texts);
}

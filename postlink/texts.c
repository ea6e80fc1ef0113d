// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Literals of NEW that OLD has, too. Programs may tell a text by its address (`mode == "fast"`: C leaves open whether that
 * holds, compilers and linkers see to it that it does within a program), and objects keep such addresses. So the new code
 * takes OLD's where OLD's code or data has the address of the same text, and only other literals travel in the patch.
 *
 * What a use means must be known for certain, or two uses of one text part company: one by the label of a literal is of the
 * text that begins there, also where it is of its end ("fresh" + 5), while an address alone may be the end of what stands
 * before. GNU as leaves the label in distances only (`lea .LC0(%rip)`), so texts whose addresses are numbers in the code, as
 * without PIE, are copied. Words of data are of the text when code has it by its label.
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
	uint64_t *labels; uint32_t nlabels;     /* in NEW: where literals begin that code has by their labels; ascending */
};

static hashval_t text_hash(const void *p)
{
	return htab_hash_string(((const struct text *)p)->bytes);
}

static int text_eq(const void *a, const void *b)
{
	return !strcmp(((const struct text *)a)->bytes, ((const struct text *)b)->bytes);
}

/* Code has the address of a literal by its label. */
static bool has_label(const struct ref *use)
{
	return use->target == TARGET_ANON && use->literal && use->kind == REF_PCREL && use->lea;
}

static bool is_word(const struct ref *use)
{
	return use->target == TARGET_ANON && use->kind == REF_ABS64;
}

static int compare_addresses(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Where the literals of IMG begin that code has by their labels, WORDS: or data; ascending. The caller frees. */
static uint64_t *literals(const struct image *img, bool words, uint32_t *n)
{
	uint64_t *addrs = xmalloc((img->nrefs + 1) * sizeof *addrs);
	uint32_t i, found = 0;

	for (i = 0; i < img->nrefs; i++)
		if (has_label(&img->refs[i]) || (words && is_word(&img->refs[i])))
			addrs[found++] = literal_base(&img->refs[i]).addr;
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

static void add_texts(struct texts *t, const struct image *old)
{
	uint32_t i, n;
	uint64_t *addrs = literals(old, true, &n);

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
}

static const struct texts *texts_of(struct layout *l)
{
	if (!l->texts) {
		l->texts = xcalloc(1, sizeof *l->texts);
		l->texts->labels = literals(l->d->new, false, &l->texts->nlabels);
		add_texts(l->texts, l->d->old);
	}
	return l->texts;
}

static bool takes_literal(struct layout *l, const struct ref *use)
{
	uint64_t base = literal_base(use).addr;

	return has_label(use) || (is_word(use) && bsearch(&base, texts_of(l)->labels, texts_of(l)->nlabels, sizeof base,
							  compare_addresses));
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

uint64_t text_of_old(struct layout *l, const struct ref *use)
{
	struct ref base = literal_base(use);
	struct text key = { .bytes = takes_literal(l, use) ? anon_string(l->d->new, base.addr) : NULL };
	uint64_t addr;

	if (!key.bytes || !*key.bytes || hp_broken("texts"))
		return 0;
	addr = choose(l->d, htab_find(texts_of(l)->by_bytes, &key), base.addr, anon_size(l->d->new, &base));
	return addr ? addr + (use->addr - base.addr) : 0;
}

void texts_release(struct layout *l)
{
	if (!l->texts)
		return;
	htab_delete(l->texts->by_bytes);
	free(l->texts->all);
	free(l->texts->labels);
	free(l->texts);
}

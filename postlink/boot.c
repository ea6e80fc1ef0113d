/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The boot record: what can't be plain bytes of a file, done once per process before any new code runs. It lies in the
 * arena behind everything else. Layout: struct hp_boot, the five tables, names, initial values.
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>

#include "layout.h"

/* Appends to diff.boot; offsets in it are those of the record. */
static uint32_t append(struct diff *d, const void *bytes, uint32_t n, uint32_t align)
{
	uint32_t at = align_up(d->boot_size, align);

	d->boot = xrealloc(d->boot, at + n);
	memset(d->boot + d->boot_size, 0, at - d->boot_size);
	memcpy(d->boot + at, bytes, n);
	d->boot_size = at + n;
	return at;
}

static bool is_zero(const uint8_t *p, uint64_t n)
{
	while (n && !*p)
		p++, n--;
	return !n;
}

/* A variable that is all zero needs no entry: the reserve is zero. What says how far things are starts anew. */
static bool needs_init(const struct piece *p)
{
	return p->item.writable && (p->kind == PIECE_SAVED || p->kind == PIECE_STATE || !is_zero(p->item.bytes, p->item.size));
}

static uint32_t init_size(const struct piece *p)
{
	return p->kind == PIECE_SAVED && !p->was ? sizeof(struct hp_saved) : p->item.size;
}

static uint32_t reserve_inits(struct layout *l, uint32_t *n)
{
	struct hp_init none = { 0, 0, 0 };
	uint32_t i, at = l->d->boot_size;

	for (i = 0, *n = 0; i < l->npieces; i++)
		if (needs_init(l->pieces[i])) {
			append(l->d, &none, sizeof none, 8);
			++*n;
		}
	return at;
}

static void fill_inits(struct layout *l, uint32_t at)
{
	uint32_t i;

	for (i = 0; i < l->npieces; i++) {
		const struct item *item = &l->pieces[i]->item;
		struct hp_init init = { item->addr, 0, init_size(l->pieces[i]) };

		if (!needs_init(l->pieces[i]))
			continue;
		init.src = append(l->d, item->bytes, init.size, 8);
		if (hp_broken("boot"))
			memset(l->d->boot + init.src, 0, init.size);
		memcpy(l->d->boot + at, &init, sizeof init);
		at += sizeof init;
	}
}

/* "name@VERSION" or "name@@VERSION" becomes two strings. */
static void fill_bind(struct layout *l, const struct pending_bind *bind, uint32_t at)
{
	struct hp_bind b = { .where = bind->where, .addend = bind->addend,
			     .kind = bind->kind };
	const char *version = strchr(bind->import, '@');
	char *name = version ? xstrndup(bind->import, version - bind->import) : xstrdup(bind->import);

	b.name = append(l->d, name, strlen(name) + 1, 1);
	while (version && *version == '@')
		version++;
	if (version && *version)
		b.version = append(l->d, version, strlen(version) + 1, 1);
	memcpy(l->d->boot + at, &b, sizeof b);
	free(name);
}

static int compare_rels(const void *a, const void *b)
{
	const struct hp_rel *x = a, *y = b;

	return x->where < y->where ? -1 : x->where > y->where;
}

static int compare_binds(const void *a, const void *b)
{
	const struct pending_bind *x = a, *y = b;

	return x->where < y->where ? -1 : x->where > y->where;
}

static int compare_copies(const void *a, const void *b)
{
	const struct hp_copy *x = a, *y = b;

	return x->where < y->where ? -1 : x->where > y->where;
}

static uint32_t append_values(struct diff *d, uint32_t *n)
{
	uint32_t at = 0;

	*n = 0;
	for (uint32_t i = 0; i < d->nvalues; i++) {
		const struct value *v = &d->values[i];
		struct hp_value h = { .size = v->size, .flags = value_flags(v) };
		uint32_t here;

		if (!v->active)
			continue;
		h.dst = v->object->twin->addr + v->offset;
		h.src = v->item->addr;
		h.saved = v->saved->addr;
		here = append(d, &h, sizeof h, 8);
		at = *n ? at : here;
		++*n;
	}
	return at;
}

/* Leaves diff.boot empty when there is nothing to do at run time. */
void boot_build(struct layout *l)
{
	struct diff *d = l->d;
	struct hp_boot head = { .magic = HP_BOOT_MAGIC };
	struct hp_bind none = { 0 };
	uint32_t i;

	free(d->boot);
	d->boot = NULL;
	d->boot_size = 0;
	append(d, &head, sizeof head, 8);
	head.init = reserve_inits(l, &head.ninit);
	head.nrel = l->nrels;
	head.nbind = l->nbinds;
	head.value = append_values(d, &head.nvalue);
	if (!head.ninit && !head.nrel && !head.nbind && !l->ncopies) {
		d->boot_size = 0;
		return;
	}
	if (l->nrels)
		qsort(l->rels, l->nrels, sizeof *l->rels, compare_rels);
	if (l->nbinds)
		qsort(l->binds, l->nbinds, sizeof *l->binds, compare_binds);
	head.ncopy = l->ncopies;
	if (l->ncopies)
		qsort(l->copies, l->ncopies, sizeof *l->copies, compare_copies);
	head.copy = l->ncopies ? append(d, l->copies, l->ncopies * sizeof *l->copies, 8) : d->boot_size;
	head.rel = l->nrels ? append(d, l->rels, l->nrels * sizeof *l->rels, 8) : d->boot_size;
	head.bind = d->boot_size;
	for (i = 0; i < l->nbinds; i++)
		append(d, &none, sizeof none, 8);
	for (i = 0; i < l->nbinds; i++)
		fill_bind(l, &l->binds[i], head.bind + i * sizeof none);
	fill_inits(l, head.init);
	head.size = d->boot_size;
	memcpy(d->boot, &head, sizeof head);
}

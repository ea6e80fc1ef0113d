/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The section .hp.patch of the hotpatch: see struct hp_patch in runtime/abi.h. Layout: header, writes, functions,
 * segments, strings, bytes. The same input gives the same bytes.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <libiberty/libiberty.h>

#include "output.h"
#include "../runtime/patch.h"
#include "../runtime/sha1.h"

static uint32_t append(struct diff *d, const void *bytes, uint32_t n, uint32_t align)
{
	uint32_t at = (d->patch_size + align - 1) / align * align;

	d->patch = xrealloc(d->patch, at + n + 1);
	memset(d->patch + d->patch_size, 0, at - d->patch_size);
	if (n)
		memcpy(d->patch + at, bytes, n);
	d->patch_size = at + n;
	return at;
}

static uint32_t reserve_table(struct diff *d, uint32_t n, uint32_t size)
{
	void *zero = xcalloc(n + 1, size);
	uint32_t at = append(d, zero, n * size, 8);

	free(zero);
	return at;
}

const char *patch_label(const struct diff *d)
{
	return d->opt.label ? d->opt.label : "";
}

/* ---- functions --------------------------------------------------------------------------------------------------- */

/* Old extents in which nobody may stand when the patch asks for quiescence: of each changed function and, as a record
 * of its own, of its cold part. Names are filled in when the strings are appended. */
struct func_list { struct hp_func *funcs; const char **names; uint32_t n; };

static void add_func(struct func_list *list, const struct object *old, const struct object *new, bool redirected)
{
	struct hp_func *f;

	list->funcs = xrealloc(list->funcs, (list->n + 1) * sizeof *list->funcs);
	list->names = xrealloc(list->names, (list->n + 1) * sizeof *list->names);
	list->names[list->n] = new->name;
	f = &list->funcs[list->n++];
	*f = (struct hp_func){ .old = old->addr, .old_size = old->size };
	if (!redirected)
		return;
	f->new_ = new->item->addr;
	f->new_size = new->item->size;
	f->flags = HP_FUNC_REDIRECTED;
}

/* Whoever is in a guard, or runs a hook, is on his way to a new function. */
static void add_guard(struct func_list *list, const struct item *guard)
{
	list->funcs = xrealloc(list->funcs, (list->n + 1) * sizeof *list->funcs);
	list->names = xrealloc(list->names, (list->n + 1) * sizeof *list->names);
	list->names[list->n] = guard->name;
	list->funcs[list->n++] = (struct hp_func){ .new_ = guard->addr, .new_size = guard->size };
}

static void collect_funcs(const struct diff *d, struct func_list *list)
{
	uint32_t i;

	for (i = 0; i < d->npicked; i++) {
		const struct object *o = d->picked[i];

		if (!o->section->exec || !o->twin || o->hot)
			continue;
		add_func(list, o->twin, o, o->redirected);
		if (o->twin->cold)
			add_func(list, o->twin->cold, o, false);
	}
	for (const struct item *item = d->items; item; item = item->next)
		if (item->addr == d->guard_addr && d->hooks_addr)
			add_guard(list, item);
}

static void append_funcs(struct diff *d, struct hp_patch *head)
{
	struct func_list list = { NULL, NULL, 0 };
	uint32_t i;

	collect_funcs(d, &list);
	head->func = append(d, list.funcs, list.n * sizeof *list.funcs, 8);
	head->nfunc = list.n;
	for (i = 0; i < list.n; i++) {
		uint32_t name = append(d, list.names[i], strlen(list.names[i]) + 1, 1);

		((struct hp_func *)(d->patch + head->func))[i].name = name;
	}
	free(list.funcs);
	free(list.names);
}

/* ---- hooks ------------------------------------------------------------------------------------------------------- */

static void append_hooks(struct diff *d, struct hp_patch *head)
{
	head->hooks = d->hooks_addr;
	head->nhook = d->nhooks;
	head->hook = reserve_table(d, d->nhooks, sizeof(struct hp_hook_name));
	for (uint32_t i = 0; i < d->nhooks; i++) {
		enum hp_hook_when when = d->hooks[i].when;
		struct hp_hook_name h = { .when = when == HP_HOOK_CONSTRUCT ? HP_HOOK_PRE_APPLY : when };

		h.name = append(d, d->hooks[i].name, strlen(d->hooks[i].name) + 1, 1);
		memcpy(d->patch + head->hook + i * sizeof h, &h, sizeof h);
	}
}

/* ---- writes ------------------------------------------------------------------------------------------------------ */

static void append_write(struct diff *d, uint32_t table, uint32_t i)
{
	struct write *w = &d->writes[i];
	uint32_t align = w->w.size > 16 ? 16 : 1;

	w->w.old = w->old ? append(d, w->old, w->w.size, align) : 0;
	w->w.new_ = append(d, w->new_, w->w.size, align);
	memcpy(d->patch + table + i * sizeof w->w, &w->w, sizeof w->w);
}

/* The bytes of the segment are the first that NAME.hp.o holds behind its header. */
static void append_segment(struct diff *d, struct hp_patch *head)
{
	struct hp_segment s = { .addr = d->segment_addr, .file = HOT_SEGMENT_OFFSET, .filesz = d->segment_size,
				.memsz = d->segment_size, .prot = PROT_READ | PROT_EXEC };
	struct sha1 sum;
	uint8_t digest[SHA1_SIZE];

	if (!d->mapped)
		return;
	sha1_init(&sum);
	sha1_feed(&sum, d->segment, d->segment_size);
	sha1_finish(&sum, digest);
	memcpy(s.check, digest, sizeof s.check);
	head->segment = append(d, &s, sizeof s, 8);
	head->nsegment = 1;
}

/* ---- what a later patch is told ---------------------------------------------------------------------------------- */

static bool is_variable(const struct item *item)
{
	return item->writable && item->object && is_writable(item->object);
}

/* As with functions: the table first, then the strings that it names. */
static void append_variable(struct diff *d, struct hp_line *line, const struct object *o, uint64_t addr, uint32_t flags)
{
	struct hp_var v = { .addr = addr, .size = o->size, .flags = flags };
	const char *file = o->file ? o->file : "";

	v.name = append(d, o->name, strlen(o->name) + 1, 1);
	v.file = append(d, file, strlen(file) + 1, 1);
	memcpy(d->patch + line->var + line->nvar++ * sizeof v, &v, sizeof v);
}

static void append_variables(struct diff *d, struct hp_line *line)
{
	const struct item *item;
	uint32_t i, n = d->ntls;

	for (item = d->items; item; item = item->next)
		n += is_variable(item);
	line->var = reserve_table(d, n, sizeof(struct hp_var));
	for (item = d->items; item; item = item->next)
		if (is_variable(item))
			append_variable(d, line, item->object, item->addr, 0);
	for (i = 0; i < d->ntls; i++)
		append_variable(d, line, d->tls[i].object, d->tls[i].addr - d->old->tls_room, HP_VAR_TLS);
}

/* The patch of --after and those that it could follow itself. */
static void append_bases(struct diff *d, struct hp_line *line)
{
	const struct hp_patch *p = after_patch(d);
	const struct hp_line *before = p ? hp_patch_line(p) : NULL;
	struct hp_base base;

	if (!before)
		return;
	base = (struct hp_base){ .reserve_used = before->reserve_used, .tls_used = p->tls_used };
	memcpy(base.id, p->id, sizeof base.id);
	line->base = append(d, &base, sizeof base, 8);
	append(d, hp_patch_at(p, before->base), before->nbase * sizeof base, 8);
	line->nbase = 1 + before->nbase;
}

static void append_line(struct diff *d, struct hp_patch *head)
{
	struct hp_line line = d->line;

	if (!d->followable)
		return;
	append_variables(d, &line);
	append_bases(d, &line);
	head->line = append(d, &line, sizeof line, 8);
}

/* ---- the section ------------------------------------------------------------------------------------------------- */

static void fill_head(const struct diff *d, struct hp_patch *p)
{
	const struct image *old = d->old;

	memcpy(p->magic, HP_PATCH_MAGIC, sizeof p->magic);
	p->version = HP_ABI_VERSION;
	p->flags = (d->quiescent ? HP_PATCH_QUIESCENT : 0) | (d->mapped ? HP_PATCH_MAPPED : 0) |
		   (d->startup_only ? HP_PATCH_STARTUP : 0) | (d->drops ? HP_PATCH_DROPS : 0) |
		   (d->stays ? HP_PATCH_STAYS : 0);
	p->build_id_size = old->build_id_size;
	memcpy(p->build_id, old->build_id, old->build_id_size);
	p->note = old->note_addr;
	p->arena = old->arena;
	p->arena_end = old->arena_end;
	p->reserve = old->reserve;
	p->reserve_end = old->reserve_end;
	p->registry = old->registry;
	p->boot = d->boot_addr;
	p->arena_used = d->arena_used;
	p->reserve_used = d->reserve_used;
	p->tls_used = d->tls_used;
	p->passages = d->passages;
	p->nwrite = d->nwrites;
}

void patch_section(struct diff *d)
{
	struct hp_patch head;
	uint32_t i;

	memset(&head, 0, sizeof head);
	fill_head(d, &head);
	free(d->patch);
	d->patch = NULL;
	d->patch_size = 0;
	append(d, &head, sizeof head, 8);
	head.write = reserve_table(d, d->nwrites, sizeof(struct hp_write));
	append_segment(d, &head);
	append_funcs(d, &head);
	append_hooks(d, &head);
	append_line(d, &head);
	head.label = append(d, patch_label(d), strlen(patch_label(d)) + 1, 1);
	for (i = 0; i < d->nwrites; i++)
		append_write(d, head.write, i);
	head.size = d->patch_size;
	memcpy(d->patch, &head, sizeof head);
	hp_patch_id((struct hp_patch *)d->patch, head.id);
	head.id[0] ^= hp_broken("emit");
	memcpy(d->patch, &head, sizeof head);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --after: the patch that is to follow an earlier one of the same build, without a moment of OLD in between.
 *
 * Both patches are made from OLD, and each is whole: a program that starts takes the newer one alone. That a running
 * program can go over from one to the other, both have to be loaded at once, and the variables that the earlier one
 * introduced have to keep their values:
 *
 *   arena     | image 1 | gate 1 | image 2 | gate 2 |       the image of the newer one stands behind
 *   reserve   | hits | table | slots 1 | limit | slots 2 |  a variable of the same name stands where it stood
 *
 * One that does not fit into the arena any more is mapped (place.c); what follows that one is mapped, too, below it:
 *
 *   .eh_frame_hdr    | OLD | gate 1, image 1 | to spare | image 3 | image 2 |       1 in the arena, 2 and 3 mapped
 *
 * No pair that code of an earlier patch is found by moves: of the arena, those of earlier patches stay, and 3 takes pairs
 * that 2 left to spare in front of its own.
 *
 * What the earlier patch tells for that is struct hp_line in runtime/abi.h. The variable must be the same thing in both:
 * same unit, name, size and initial value. Constants with addresses stand in the reserve, too, but are made anew: code
 * of the earlier patch that still runs needs the old ones. Variables of OLD that either patch sets (HP_SET_VALUE of
 * runtime/hotpatch.h) are hp-ctl's to turn over.
 *
 * What the hooks of the earlier patch have done in a process stays when the newer one takes over, so that one must know how
 * to undo it: it has the same hooks, and perhaps more, which run then.
 *
 * Left out: an earlier patch that took the unwind entries of old functions.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>

#include "diff.h"
#include "../runtime/patch.h"

struct after {
	uint8_t *file;
	const struct hp_patch *patch;   /* in it, checked */
	const struct hp_line *line;
	const struct object **taken;    /* by index of its variables: the one of NEW that stands there */
};

static int unusable(struct diff *d, const char *why)
{
	refuse_add(d, CAUSE_AFTER, d->opt.after, "%s", why);
	return -1;
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

static uint8_t *read_file(const char *path, uint64_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes = NULL;
	uint64_t room = 0, n;

	for (*size = 0; f; *size += n) {
		if (room - *size < 65536)
			bytes = xrealloc(bytes, room = 2 * room + 65536);
		n = fread(bytes + *size, 1, room - *size, f);
		if (!n)
			break;
	}
	if (!f || ferror(f)) {
		free(bytes);
		bytes = NULL;
	}
	if (f)
		fclose(f);
	return bytes;
}

static bool is_for(const struct hp_patch *p, const struct image *old)
{
	return p->build_id_size == old->build_id_size && !memcmp(p->build_id, old->build_id, old->build_id_size) &&
	       p->note == old->note_addr && p->arena == old->arena && p->arena_end == old->arena_end &&
	       p->reserve == old->reserve && p->reserve_end == old->reserve_end;
}

static int open_patch(struct diff *d, struct after *a)
{
	const void *section;
	uint64_t size;
	enum hp_fault fault;

	a->file = read_file(d->opt.after, &size);
	if (!a->file)
		return unusable(d, strerror(errno));
	fault = hp_patch_find(a->file, size, &section, &size);
	if (!fault)
		fault = hp_patch_check(section, size);
	if (fault)
		return unusable(d, hp_fault_text(fault));
	a->patch = section;
	a->line = hp_patch_line(a->patch);
	if (!is_for(a->patch, d->old))
		return unusable(d, "it is for another build than OLD");
	if (!a->line)
		return unusable(d, "it took unwind entries of OLD or has constructors, so that no other can take over from it");
	a->taken = xcalloc(a->line->nvar + 1, sizeof *a->taken);
	return 0;
}

static bool has_hook(const struct diff *d, const char *name, uint32_t when)
{
	uint32_t i;

	for (i = 0; i < d->nhooks; i++)
		if (d->hooks[i].when == when && !strcmp(d->hooks[i].name, name))
			return true;
	return false;
}

void after_check_hooks(struct diff *d)
{
	const struct hp_patch *p = after_patch(d);
	uint32_t i;

	for (i = 0; p && i < p->nhook; i++) {
		const struct hp_hook_name *h = &hp_patch_hooks(p)[i];
		const char *name = hp_patch_at(p, h->name);

		if (!has_hook(d, name, h->when))
			refuse_add(d, CAUSE_AFTER_HOOK, name, "the %s hook of '%s'", hook_when_name(h->when), d->opt.after);
	}
	for (i = 0; p && i < d->nhooks; i++)
		if (d->hooks[i].when == HP_HOOK_CONSTRUCT)
			refuse_add(d, CAUSE_AFTER_HOOK, d->hooks[i].name, "it is a constructor");
}

int after_open(struct diff *d)
{
	if (!d->opt.after)
		return 0;
	d->after = xcalloc(1, sizeof *d->after);
	return open_patch(d, d->after);
}

void after_close(struct diff *d)
{
	if (d->after) {
		free(d->after->file);
		free(d->after->taken);
	}
	free(d->after);
	d->after = NULL;
}

const struct hp_patch *after_patch(const struct diff *d)
{
	return d->after ? d->after->patch : NULL;
}

/* ---- the arena --------------------------------------------------------------------------------------------------- */

/* Unwind slots belong to chunks of the arena. A patch of many small functions takes slots of chunks behind its own. */
static uint64_t slots_end(const struct diff *d)
{
	const struct hp_patch *p = d->after->patch;
	const struct hp_write *w = hp_patch_writes(p);
	uint64_t chunk = d->old->note.chunk, end = p->arena, hdr = d->old->eh_frame_hdr;
	uint32_t i;

	for (i = 0; i < p->nwrite; i++) {
		int32_t distance;

		if (w[i].phase != HP_UNWIND || !w[i].old || w[i].addr - hdr >= 12 + 8ull * d->old->eh_count)
			continue;
		memcpy(&distance, hp_patch_at(p, w[i].old), sizeof distance);
		if (hdr + distance + chunk > end)
			end = hdr + distance + chunk;
	}
	return end;
}

uint64_t after_end(const struct diff *d)
{
	uint64_t end = after_is_mapped(d) ? 0 : slots_end(d);

	if (hp_broken("after-end"))
		return d->old->arena;
	return d->after->line->end > end ? d->after->line->end : end;
}

/* ---- pairs of .eh_frame_hdr -------------------------------------------------------------------------------------- */

bool after_is_mapped(const struct diff *d)
{
	return d->after && d->after->patch->flags & HP_PATCH_MAPPED;
}

const uint8_t *after_pair(const struct diff *d, uint64_t at)
{
	return hp_patch_pair(d->after->patch, at);
}

/* The address of code that PAIR, of OLD's table, begins with. */
static uint64_t pair_start(const struct image *old, const uint8_t *pair)
{
	int32_t distance;

	memcpy(&distance, pair, sizeof distance);
	return old->eh_frame_hdr + distance;
}

uint64_t after_pairs_from(const struct diff *d)
{
	const struct image *old = d->old;
	uint64_t chunk = chunk_size(old), at = old->eh_frame_hdr + 12;
	uint32_t i;

	if (!after_is_mapped(d))
		return d->after ? after_end(d) : old->arena;
	for (i = 0; i < old->eh_count; i++) {
		uint64_t start = pair_start(old, image_bytes(old, at + 8ull * i, 8));

		if (start - old->arena < old->arena_end - old->arena && after_pair(d, at + 8ull * i))
			return start;
	}
	return old->arena + (d->after->patch->arena_used + chunk - 1) / chunk * chunk;
}

uint32_t after_tail(const struct diff *d)
{
	const struct image *old = d->old;
	uint64_t at = old->eh_frame_hdr + 12;
	uint32_t n = 0;

	for (; after_is_mapped(d) && n < old->eh_count; n++) {
		const uint8_t *pair = after_pair(d, at + 8ull * (old->eh_count - 1 - n));

		if (!pair || pair_start(old, pair) < d->after->line->image)
			break;
	}
	return n;
}

/* ---- variables --------------------------------------------------------------------------------------------------- */

static bool is_same_name(const struct after *a, const struct hp_var *v, const struct object *o)
{
	return !strcmp(hp_patch_at(a->patch, v->name), o->name) &&
	       !strcmp(hp_patch_at(a->patch, v->file), o->file ? o->file : "");
}

static const struct hp_var *find_variable(const struct after *a, const struct object *o, uint32_t *n)
{
	const struct hp_var *v = hp_patch_at(a->patch, a->line->var), *found = NULL;
	uint32_t i;

	for (i = *n = 0; i < a->line->nvar; i++)
		if (is_same_name(a, &v[i], o)) {
			++*n;
			found = &v[i];
		}
	return found;
}

bool after_variable(struct diff *d, const struct object *o, uint64_t *addr)
{
	uint32_t n;
	const struct hp_var *v = d->after && !hp_broken("after-variables") ? find_variable(d->after, o, &n) : NULL;
	const struct object **taken;

	if (!v)
		return false;
	taken = &d->after->taken[v - (const struct hp_var *)hp_patch_at(d->after->patch, d->after->line->var)];
	if (n > 1 || (*taken && *taken != o)) {
		refuse_add(d, CAUSE_AFTER_VARIABLE, o->name, "several of this name can't be told apart");
		return false;
	}
	*taken = o;
	*addr = v->addr;
	if (!(v->flags & HP_VAR_TLS) != (o->kind != OBJECT_TLS)) {
		refuse_add(d, CAUSE_AFTER_VARIABLE, o->name, "only one of the two is thread-local");
		return false;
	}
	if (v->size == o->size)
		return true;
	refuse_add(d, CAUSE_AFTER_VARIABLE, o->name, "%llu bytes, and %llu in '%s'", (unsigned long long)o->size,
		   (unsigned long long)v->size, d->opt.after);
	return false;
}

/* What the boot record of the earlier patch puts at byte ADDR of the reserve. */
static uint8_t initial_byte(const struct hp_boot *b, uint64_t addr)
{
	const struct hp_init *init = b ? hp_boot_at(b, b->init) : NULL;
	uint32_t i;

	for (i = 0; b && i < b->ninit; i++)
		if (addr - init[i].dst < init[i].size)
			return *((const uint8_t *)hp_boot_at(b, init[i].src) + (addr - init[i].dst));
	return 0;
}

/* Fields with addresses are left out: what they name is another copy now, and that of the earlier patch stays loaded. */
static bool is_field(const struct item *item, uint64_t offset)
{
	uint32_t n, i;
	const struct ref *r = image_refs_in(item->object->image, item->source, item->source + item->size, &n);

	for (i = 0; i < n; i++)
		if (item->source + offset - r[i].at < r[i].size)
			return true;
	return false;
}

static bool is_value(const struct hp_boot *b, const struct item *item)
{
	const struct hp_rel *rel = b ? hp_boot_at(b, b->rel) : NULL;
	const struct hp_bind *bind = b ? hp_boot_at(b, b->bind) : NULL;
	uint64_t i;

	for (i = 0; i < item->size; i++)
		if (item->bytes[i] != initial_byte(b, item->addr + i) && !is_field(item, i))
			return false;
	for (i = 0; b && i < b->nrel; i++)
		if (rel[i].where - item->addr < item->size && !is_field(item, rel[i].where - item->addr))
			return false;
	for (i = 0; b && i < b->nbind; i++)
		if (bind[i].where - item->addr < item->size && !is_field(item, bind[i].where - item->addr))
			return false;
	return true;
}

void after_check_value(struct diff *d, const struct item *item)
{
	if (!is_value(hp_patch_boot(d->after->patch), item))
		refuse_add(d, CAUSE_AFTER_VARIABLE, item->object->name, "its initial value is another in '%s'", d->opt.after);
}

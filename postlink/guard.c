/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Guards: when a patch has hooks, every old entry jumps to a guard first, which asks whether they have run; see
 * runtime/hooks.c. One piece of the image holds all of it:
 *
 *   the blob of hooks.c, struct hp_hook_list, names and the label, a guard of GUARD_SIZE for each redirected function
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>

#include "layout.h"
#include "output.h"
#include "hooks-blob.h"
#include "../runtime/ctl-insn.h"

#define GUARD_SIZE 64
#define INT3 0xcc

static uint32_t list_size(const struct diff *d)
{
	uint32_t size = sizeof(struct hp_hook_list) + d->nhooks * sizeof(struct hp_hook) + strlen(patch_label(d)) + 1;

	for (uint32_t i = 0; i < d->nhooks; i++)
		size += strlen(d->hooks[i].name) + 1;
	return size;
}

static uint64_t first_guard(const struct diff *d)
{
	return align_up(sizeof hp_hooks_blob + list_size(d), 16);
}

/* The number of O among the redirected functions, or with O NULL how many there are. */
static uint32_t guard_number(const struct diff *d, const struct object *o)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < d->npicked && d->picked[i] != o; i++)
		n += d->picked[i]->redirected && d->picked[i]->twin;
	return n;
}

void guard_gather(struct layout *l)
{
	struct diff *d = l->d;

	if (!d->nhooks)
		return;
	l->state = piece_new(l, PIECE_STATE, 0, sizeof(struct hp_hooks));
	l->state->align = 8;
	l->state->item.writable = true;
	l->guard = piece_new(l, PIECE_GUARD, 0, first_guard(d) + GUARD_SIZE * guard_number(d, NULL));
	l->guard->align = 16;
	l->guard->item.code = true;
	l->guard->item.name = xstrdup("hp_hooks");
}

uint64_t guard_of(const struct layout *l, const struct object *o)
{
	if (!l->guard)
		return o->item->addr;
	return l->guard->item.addr + first_guard(l->d) + GUARD_SIZE * guard_number(l->d, o);
}

/* ---- the list ---------------------------------------------------------------------------------------------------- */

static uint32_t put_string(uint8_t *list, uint32_t *at, const char *text)
{
	uint32_t here = *at;

	*at += strlen(text) + 1;
	memcpy(list + here, text, *at - here);
	return here;
}

static void fill_list(struct layout *l, uint8_t *bytes, uint64_t addr)
{
	struct diff *d = l->d;
	struct hp_hook_list head = { .addr = addr, .state = l->state->item.addr, .boot = d->boot_addr, .count = d->nhooks };
	uint32_t at = sizeof head + d->nhooks * sizeof(struct hp_hook);

	head.label = put_string(bytes, &at, patch_label(d));
	memcpy(bytes, &head, sizeof head);
	for (uint32_t i = 0; i < d->nhooks; i++) {
		struct hp_hook h = { .code = d->hooks[i].object->item->addr, .when = d->hooks[i].when };

		h.name = put_string(bytes, &at, d->hooks[i].name);
		memcpy(bytes + sizeof head + i * sizeof h, &h, sizeof h);
	}
}

/* ---- guards ------------------------------------------------------------------------------------------------------ */

struct code { uint8_t *out; uint64_t addr; uint32_t n; };

static void put(struct code *c, const void *bytes, uint32_t n)
{
	memcpy(c->out + c->n, bytes, n);
	c->n += n;
}

/* The distance to TARGET from TAIL bytes behind it. All lies in one module, so it fits. */
static void put_distance(struct code *c, uint64_t target, uint32_t tail)
{
	int32_t distance = target - (c->addr + c->n + 4 + tail);

	put(c, &distance, 4);
}

/* Where the old code of O goes on, behind its first instruction, which is moved. 0: it is none that can be. */
static uint64_t move_first(const struct diff *d, const struct object *o, struct code *c)
{
	static const uint8_t endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	uint64_t site = o->twin->addr, left = o->twin->size;
	const uint8_t *old = image_bytes(d->old, site, left);
	uint8_t moved[INSN_MOVED_MAX], first[INSN_MAX] = { 0 };
	size_t n;

	if (old && left > 4 && !memcmp(old, endbr64, 4))
		old += 4, site += 4, left -= 4;
	if (!old)
		return 0;
	memcpy(first, old, left < INSN_MAX ? left : INSN_MAX);
	n = insn_move(first, INSN_MAX, site, c->addr + c->n, moved);
	put(c, moved, n);
	return n ? site + insn_length(first, INSN_MAX) : 0;
}

static void fill_guard(struct layout *l, const struct object *o, uint8_t *out, uint64_t addr)
{
	struct code c = { out, addr, 0 };
	uint8_t phase = HP_HOOKS_NEW + hp_broken("guards");
	uint64_t rest;

	put(&c, "\x83\x3d", 2);                         /* cmpl $NEW,phase(%rip) */
	put_distance(&c, l->state->item.addr + offsetof(struct hp_hooks, phase), 1);
	put(&c, &phase, 1);
	put(&c, "\x0f\x84", 2);                         /* je new */
	put_distance(&c, o->item->addr, 0);
	put(&c, "\xe8", 1);                             /* call hp_hooks */
	put_distance(&c, l->guard->item.addr + HP_HOOKS_ENTRY, 0);
	put(&c, "\x48\xc7\x44\x24\xf8\0\0\0\0", 9);    /* movq $0,-8(%rsp) */
	put(&c, "\x0f\x85", 2);                         /* jne new */
	put_distance(&c, o->item->addr, 0);
	rest = move_first(l->d, o, &c);
	put(&c, "\xe9", 1);                             /* jmp old */
	put_distance(&c, rest, 0);
	if (rest)
		return;
	refuse_add(l->d, CAUSE_UNREDIRECTABLE, o->name, "the first instruction of the old one can't be moved for a hook");
	l->failed = true;
}

void guard_fill(struct layout *l)
{
	struct item *item = &l->guard->item;
	struct diff *d = l->d;

	item->bytes = xmalloc(item->size);
	memset(item->bytes, INT3, item->size);
	memcpy(item->bytes, hp_hooks_blob, sizeof hp_hooks_blob);
	fill_list(l, item->bytes + sizeof hp_hooks_blob, item->addr + sizeof hp_hooks_blob);
	for (uint32_t i = 0; i < d->npicked; i++) {
		const struct object *o = d->picked[i];

		if (o->redirected && o->twin)
			fill_guard(l, o, item->bytes + (guard_of(l, o) - item->addr), guard_of(l, o));
	}
}

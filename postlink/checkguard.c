/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verify: the guards and the list of hooks in the finished file, by what they do and not by how they were made.
 *
 * A guard leads to the new function on both of its ways there, asks the phase that the registry names, and its way back
 * holds an instruction of the old function and a jump behind it. All guards call the same code, behind which the list
 * stands; its hooks are those of NEW.
 */
#include <string.h>

#include "check.h"
#include "hooks-blob.h"

#define TO_NEW 7
#define CALL 13
#define WIPE 18
#define ALSO_TO_NEW 27
#define BACK 33

static uint64_t jump_target(const uint8_t *guard, uint64_t addr, uint32_t field)
{
	int32_t distance;

	memcpy(&distance, guard + field, 4);
	return addr + field + 4 + distance;
}

/* The way back ends in a jump behind the first instruction of the old function, of which 2 to 15 bytes are elsewhere. */
static bool leads_back(const uint8_t *guard, uint64_t addr, uint64_t site)
{
	for (uint32_t n = 2; n <= 24 && BACK + n + 5 <= 64; n++) {
		uint64_t to = guard[BACK + n] == 0xe9 ? jump_target(guard, addr, BACK + n + 1) : 0;

		if (to >= site + 2 && to <= site + 15)
			return true;
	}
	return false;
}

uint64_t check_guard(struct check *c, const struct object *o, uint64_t site, uint64_t addr)
{
	const uint8_t *guard = view_at(&c->cold, addr, 64);
	uint64_t to;

	if (!guard || memcmp(guard, "\x83\x3d", 2) || memcmp(guard + TO_NEW, "\x0f\x84", 2) || guard[CALL] != 0xe8 ||
	    memcmp(guard + WIPE, "\x48\xc7\x44\x24\xf8\0\0\0\0", 9) || memcmp(guard + ALSO_TO_NEW, "\x0f\x85", 2)) {
		check_failed(c, o->name, 0, "its old entry leads to no guard");
		return addr;
	}
	to = jump_target(guard, addr, TO_NEW + 2);
	if (jump_target(guard, addr, 2) + 1 != c->hooks + offsetof(struct hp_hooks, phase) || guard[6] != HP_HOOKS_NEW ||
	    to != jump_target(guard, addr, ALSO_TO_NEW + 2) || !leads_back(guard, addr, site))
		check_failed(c, o->name, 0, "its guard leads elsewhere");
	c->hook_code = jump_target(guard, addr, CALL + 1) - HP_HOOKS_ENTRY;
	return to;
}

static bool hook_is_right(struct check *c, const char *list, const struct hp_hook *h, const struct hook *hook)
{
	const struct object *o = hook->object;

	return h->when == hook->when && !strcmp(list + h->name, hook->name) &&
	       check_range(c, NULL, o->addr, o->size, h->code);
}

void check_hooks(struct check *c)
{
	const struct hp_hook_list *list = (const void *)view_at(&c->cold, c->hook_code + sizeof hp_hooks_blob, sizeof *list);
	uint32_t n = c->d->nhooks;

	if (!n && !c->hooks)
		return;
	if (!n || !list || list->addr != c->hook_code + sizeof hp_hooks_blob || list->state != c->hooks || list->count != n ||
	    memcmp(view_at(&c->cold, c->hook_code, sizeof hp_hooks_blob), hp_hooks_blob, sizeof hp_hooks_blob)) {
		check_failed(c, "", c->hook_code, "there is no list of hooks");
		return;
	}
	for (uint32_t i = 0; i < n; i++)
		if (!hook_is_right(c, (const char *)list, &list->hook[i], &c->d->hooks[i]))
			check_failed(c, c->d->hooks[i].name, 0, "the hook is not that of NEW");
}

// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Can the entry of an old function be redirected?
 *
 * Redirecting writes `jmp rel32` into the five bytes above the entry and `jmp short` to it over the first two bytes at
 * the entry (behind endbr64 where there is one). So the five bytes must be padding that nobody runs, and no thread may
 * ever be between the two: the first instruction has two bytes or more, both lie in one aligned quadword, and no loop
 * of the function leads back to them. The plugin compiles for this; here it is checked, not believed, but for the last:
 * a jump to the entry is a loop or a tail call of itself, which is harmless, and only the compiler knows which.
 */
#include <string.h>
#include "diff.h"
#include "facts.h"

#define ENDBR64_SIZE 4

static bool has_endbr64(const uint8_t *p, uint64_t n)
{
	return n >= ENDBR64_SIZE && !memcmp(p, "\xf3\x0f\x1e\xfa", ENDBR64_SIZE);
}

static bool is_nop(const char *text)
{
	return strstr(text, "nop") || !strncmp(text, "xchg   %ax,%ax", 14) || !strncmp(text, "int3", 4);
}

/* Where the last named thing before FUNC ends; that of a thing without a size, where it starts, and *open: code follows. */
static uint64_t end_before(const struct object *func, bool *open)
{
	*open = false;
	for (const struct object *o = func; o-- > func->image->objects && o->section == func->section; ) {
		if (o->addr == func->addr)
			continue;
		*open = !o->size;
		return o->addr + o->size;
	}
	return func->section->addr;
}

static bool ends_flow(const char *text)
{
	return strstr(text, "jmp") || strstr(text, "ret") || !strncmp(text, "hlt", 3) || !strncmp(text, "ud2", 3);
}

/* Start of the no-operations and int3 that end at HI and begin at LO or, when LO is code, behind its last jump or
 * return. HI when there are none. */
static uint64_t padding_start(struct disasm *dis, const struct image *img, uint64_t lo, uint64_t hi, bool open)
{
	const uint8_t *p = image_bytes(img, lo, hi - lo);
	uint64_t start = open ? hi : lo, target;
	bool stopped = !open;
	char text[128];

	for (uint64_t i = 0; p && i < hi - lo; ) {
		int n = p[i] == 0xcc ? 1 : disasm_insn(dis, lo + i, p + i, hi - lo - i, text, sizeof text, &target);

		if (n <= 0)
			return hi;
		if (p[i] != 0xcc && !is_nop(text)) {
			stopped = ends_flow(text);
			start = hi;
		} else if (start == hi && stopped) {
			start = lo + i;
		}
		i += n;
	}
	return p ? start : hi;
}

/* True when nothing but filling of a linker stands from ADDR up to N bytes behind: no-operations; of gold, whose filling
 * does not move with the sections that it sorts, zeros behind them, fewer than what follows is aligned to. */
static bool is_filling(struct disasm *dis, uint64_t addr, const uint8_t *p, uint64_t n)
{
	uint64_t i = 0, end = addr + n, target;
	char text[128];

	while (i < n) {
		int size = p[i] == 0xcc ? 1 : disasm_insn(dis, addr + i, p + i, n - i, text, sizeof text, &target);

		if (size <= 0 || (p[i] != 0xcc && !is_nop(text)))
			break;
		i += size;
	}
	if (n - i >= (end & -end))
		return i == n;
	while (i < n && !p[i])
		i++;
	return i == n;
}

/* Five int3 with nothing but filling between them and the entry: nobody gets there. */
static bool has_int3_above(struct disasm *dis, const struct object *func, uint64_t limit)
{
	static const uint8_t int3[HP_ROOM_SIZE] = { 0xcc, 0xcc, 0xcc, 0xcc, 0xcc };
	const uint8_t *entry = image_bytes(func->image, func->addr, 1);

	for (uint64_t gap = 0; entry && gap + HP_ROOM_SIZE <= limit; gap++)
		if (!memcmp(entry - gap - HP_ROOM_SIZE, int3, HP_ROOM_SIZE))
			return is_filling(dis, func->addr - gap, entry - gap, gap);
	return false;
}

static bool has_room(struct disasm *dis, const struct object *func)
{
	bool open;
	uint64_t end = end_before(func, &open), above = func->addr - end;

	if (above < HP_ROOM_SIZE)
		return false;
	if (has_int3_above(dis, func, above < 64 ? above : 64))
		return true;
	return above <= 4096 && padding_start(dis, func->image, end, func->addr, open) <= func->addr - HP_ROOM_SIZE;
}

/* Does a jump (not a call) in PART lead to [lo, hi)? */
static bool jumps_to(struct disasm *dis, const struct object *part, uint64_t lo, uint64_t hi)
{
	const uint8_t *p = image_bytes(part->image, part->addr, part->size);
	char text[128];

	for (uint64_t i = 0; p && i < part->size; ) {
		uint64_t target = 0;
		int n = disasm_insn(dis, part->addr + i, p + i, part->size - i, text, sizeof text, &target);

		if (n <= 0)
			return true;                    /* data in code: nobody knows */
		if (target >= lo && target < hi && !strstr(text, "call"))
			return true;
		i += n;
	}
	return !p;
}

/* Does a table or a computed jump in the function's data lead to its entry? */
static bool table_leads_to(const struct object *func, uint64_t lo, uint64_t hi)
{
	const struct image *img = func->image;

	for (uint32_t i = 0; i < func->nrefs; i++) {
		const struct ref *r = &img->refs[func->first_ref + i], *e;
		uint32_t n, width, nrefs;

		if (!jump_table(img, r, func, &n, &width))
			continue;
		e = image_refs_in(img, r->addr, r->addr + (uint64_t)n * width, &nrefs);
		for (uint32_t k = 0; k < nrefs; k++) {
			int32_t distance;

			memcpy(&distance, image_bytes(img, e[k].at, 4), 4);
			if (width == 8 ? e[k].addr - lo < hi - lo : r->addr + distance - lo < hi - lo)
				return true;
		}
	}
	return false;
}

const char *entry_unfit(struct disasm *dis, const struct object *func)
{
	const uint8_t *p = image_bytes(func->image, func->addr, func->size);
	uint64_t flip = func->addr, target;
	char text[128];

	if (hp_broken("entry-fit"))
		return NULL;
	if (func->hot || !p || func->kind != OBJECT_FUNC)
		return "it is no function of its own";
	if (facts_never(func->image, func))
		return "it is marked hotpatch(\"never\")";
	if (!has_room(dis, func))
		return "there is no room above its entry";
	if (has_endbr64(p, func->size))
		flip += ENDBR64_SIZE;
	if (func->addr + func->size < flip + 2)
		return "it is too short";
	if (flip / 8 != (flip + 1) / 8)
		return "its first two bytes lie in two quadwords";
	if (disasm_insn(dis, flip, p + (flip - func->addr), func->size - (flip - func->addr), text, sizeof text, &target) < 2)
		return "its first instruction has one byte";
	if (facts_known(func))
		return NULL;                            /* then a jump to it is a call of itself in tail position */
	if (jumps_to(dis, func, func->addr, flip + 2) ||
	    (func->cold && jumps_to(dis, func->cold, func->addr, flip + 2)) ||
	    table_leads_to(func, func->addr, flip + 2))
		return "it jumps back to its own entry";
	return NULL;
}

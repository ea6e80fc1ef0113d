// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Jumps from one function to another without a relocation.
 *
 * The assembler settles a jump inside one section by itself. The plugin gives each function a section of its own; but GCC
 * prints a C++ thunk (_ZThn16_N4Both5valueEv: adjust `this`, jmp to the overrider) into the section of its function, when
 * it is not optimised away (-O0, -Os, variadic). Its last jump becomes a reference here, of one byte or of four. In other
 * code such a jump is refused: a copy of it would lead anywhere.
 */
#include <string.h>
#include "diff.h"
#include "insn.h"
#include "read.h"

bool is_thunk(const struct object *o)
{
	return o->kind == OBJECT_FUNC && !strncmp(o->name, "_ZT", 3) && o->name[3] && strchr("hvc", o->name[3]);
}

/* A direct branch at CODE + *at or behind it, within O. False: there is none. *target: its address; *field, *size: where its
 * distance stands; *at: the next instruction. */
static bool next_branch(const struct object *o, const uint8_t *code, uint64_t *at, uint64_t *field, unsigned *size,
			uint64_t *target)
{
	struct insn insn;

	for (; *at < o->size; *at += insn.length) {
		const uint8_t *p = code + *at;
		uint64_t end;
		int32_t far;

		if (!insn_decode(p, o->size - *at, &insn))
			return false;
		end = o->addr + *at + insn.length;
		if (insn.rel && insn.rel + 4 == insn.length) {
			memcpy(&far, p + insn.rel, 4);
			*size = 4;
		} else if (insn.length == 2 && ((*p & 0xf0) == 0x70 || *p == 0xeb || (*p & 0xfc) == 0xe0)) {
			far = (int8_t)p[1];
			*size = 1;
		} else {
			continue;
		}
		*field = end - *size;
		*target = end + far;
		*at += insn.length;
		return true;
	}
	return false;
}

static bool leaves(const struct object *o, uint64_t target)
{
	return target < o->addr || target > o->addr + o->size;
}

/* The jump of a thunk that the assembler settled: true and the reference in *r. */
bool leap_of_thunk(const struct image *img, const struct object *o, struct ref *r)
{
	const uint8_t *code = is_thunk(o) ? image_bytes(img, o->addr, o->size) : NULL;
	uint64_t at = 0, field, target;
	struct object *to;
	unsigned size;

	while (code && next_branch(o, code, &at, &field, &size, &target)) {
		to = leaves(o, target) ? image_object_at(img, target) : NULL;
		if (!to || to->addr != target)
			continue;
		*r = (struct ref){ .at = field, .addr = target, .kind = REF_CALL, .target = TARGET_OBJECT, .object = to,
				   .size = size };
		return true;
	}
	return false;
}

static bool has_ref(const struct object *o, uint64_t field)
{
	const struct ref *r = o->image->refs + o->first_ref;

	for (uint32_t i = 0; i < o->nrefs; i++)
		if (r[i].at == field)
			return true;
	return false;
}

/* *where: offset of the distance of a jump in O that leaves it unseen. */
bool leaps_away(const struct object *o, uint64_t *where)
{
	const uint8_t *code = image_bytes(o->image, o->addr, o->size);
	uint64_t at = 0, field, target;
	unsigned size;

	while (code && next_branch(o, code, &at, &field, &size, &target))
		if (leaves(o, target) && !has_ref(o, field)) {
			*where = field - o->addr;
			return true;
		}
	return false;
}

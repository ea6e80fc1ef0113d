// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What leads from one function to another, or to data behind it, without a relocation.
 *
 * The assembler settles a distance inside one section by itself. The plugin gives each function a section of its own; but GCC
 * prints a C++ thunk (_ZThn16_N4Both5valueEv: adjust `this`, jmp to the overrider) into the section of its function, when
 * it is not optimised away (-O0, -Os, variadic). Its last jump becomes a reference here, of one byte or of four. In other
 * code such a distance is refused: in a copy it would lead anywhere. Assembler code has them:
 *
 *	scale: mulsd .Lhalf(%rip), %xmm0; ret; .size scale, .-scale; .Lhalf: .double 0.5
 */
#include <string.h>
#include "diff.h"
#include "insn.h"
#include "read.h"

bool is_thunk(const struct object *o)
{
	return o->kind == OBJECT_FUNC && !strncmp(o->name, "_ZT", 3) && o->name[3] && strchr("hvc", o->name[3]);
}

struct distance { uint64_t field, target; unsigned size; bool branch; };

/* A direct branch, or an operand relative to %rip, at CODE + *at or behind it, within O; *at: the next instruction. False:
 * there is none. */
static bool next_distance(const struct object *o, const uint8_t *code, uint64_t *at, struct distance *d)
{
	struct insn insn;

	for (; *at < o->size; *at += insn.length) {
		const uint8_t *p = code + *at;
		unsigned where;
		int32_t far;

		if (!insn_decode(p, o->size - *at, &insn))
			return false;
		where = insn.disp ? insn.disp : insn.rel && insn.rel + 4 == insn.length ? insn.rel : 0;
		if (where) {
			memcpy(&far, p + where, 4);
		} else if (insn.length == 2 && ((*p & 0xf0) == 0x70 || *p == 0xeb || (*p & 0xfc) == 0xe0)) {
			where = 1;
			far = (int8_t)p[1];
		} else {
			continue;
		}
		d->size = where == 1 && insn.length == 2 ? 1 : 4;
		d->branch = !insn.disp;
		d->field = o->addr + *at + where;
		*at += insn.length;
		d->target = o->addr + *at + far;
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
	struct distance d;
	uint64_t at = 0;

	while (code && next_distance(o, code, &at, &d)) {
		struct object *to = d.branch && leaves(o, d.target) ? image_object_at(img, d.target) : NULL;

		if (!to || to->addr != d.target)
			continue;
		*r = (struct ref){ .at = d.field, .addr = d.target, .kind = REF_CALL, .target = TARGET_OBJECT, .object = to,
				   .size = d.size };
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

/* *where: offset of a distance in O that leads outside unseen. Bytes that are no instructions hide what is behind them: of
 * assembler code that is not taken. */
bool leaps_away(const struct object *o, uint64_t *where)
{
	const uint8_t *code = image_bytes(o->image, o->addr, o->size);
	struct distance d;
	uint64_t at = 0;

	while (code && next_distance(o, code, &at, &d))
		if (leaves(o, d.target) && !has_ref(o, d.field)) {
			*where = d.field - o->addr;
			return true;
		}
	*where = at;
	return code && at < o->size && !facts_known(o);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unit-insn FILE: decodes all functions of FILE with libopcodes and compares, for every instruction, the length that
 * insn_decode() finds, and for every operand relative to %rip the address that insn_tail() makes of it, looking back
 * from the field. Prints how many were compared, and up to 20 differences; exit status 1 when there are any.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "../postlink/insn.h"
#include "../postlink/read.h"

static unsigned long ninsns, nfields, nbad;

__attribute__((format(printf, 3, 4)))
static void differs(const struct object *o, uint64_t addr, const char *fmt, ...)
{
	va_list ap;

	if (++nbad > 20)
		return;
	printf("%s+0x%llx: ", o->name, (unsigned long long)(addr - o->addr));
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

/* The address that libopcodes works out: behind the '#' of an operand, or of a branch. */
static bool stated(const char *text, uint64_t *addr)
{
	const char *p = strchr(text, '#');

	if (!p || !strstr(text, "(%rip)"))
		return false;
	*addr = strtoull(p + 1, NULL, 16);
	return true;
}

static void check_field(const struct object *o, const uint8_t *code, uint64_t off, unsigned length, uint64_t want,
			const char *text, const struct insn *insn)
{
	bool lea, branch;
	int32_t disp;
	int tail = insn_tail(code, off + insn->disp, o->size, &lea, &branch);

	memcpy(&disp, code + off + insn->disp, 4);
	nfields++;
	if (tail < 0 || o->addr + off + insn->disp + 4 + tail + disp != want || branch)
		differs(o, o->addr + off, "%s: tail %d of %u bytes", text, tail, length);
	if (lea != !!strstr(text, "lea "))
		differs(o, o->addr + off, "%s: lea %d", text, lea);
}

static void check_function(struct disasm *dis, const struct object *o)
{
	const uint8_t *code = image_bytes(o->image, o->addr, o->size);
	uint64_t target, want;
	char text[128];
	int length;

	for (uint64_t off = 0; code && off < o->size; off += length) {
		struct insn insn;

		length = disasm_insn(dis, o->addr + off, code + off, o->size - off, text, sizeof text, &target);
		if (!length)
			return;         /* data in code */
		ninsns++;
		if ((int)insn_decode(code + off, o->size - off, &insn) != length)
			differs(o, o->addr + off, "%s: length is %d, not %u", text, length, insn.length);
		else if (stated(text, &want))
			check_field(o, code, off, length, want, text, &insn);
		else if (insn.rel && (target - o->addr - off - length) != (uint64_t)*(int32_t *)(code + off + insn.rel))
			differs(o, o->addr + off, "%s: target is not 0x%llx", text, (unsigned long long)target);
	}
}

int main(int argc, char **argv)
{
	struct image *img = argc == 2 ? image_read_any(argv[1], NULL) : NULL;
	struct disasm *dis;

	if (!img)
		return 2;
	image_fill(img);
	dis = disasm_open(img);
	for (uint32_t i = 0; i < img->nobjects; i++)
		if (img->objects[i].kind == OBJECT_FUNC)
			check_function(dis, &img->objects[i]);
	disasm_close(dis);
	image_release(img);
	printf("instructions %lu fields %lu differences %lu\n", ninsns, nfields, nbad);
	return nbad != 0;
}

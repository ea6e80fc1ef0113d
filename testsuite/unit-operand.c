/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unit-operand FILE: for every operand relative to %rip in the functions of FILE, but for lea and branches, the address of
 * its instruction and what insn_operand() says of its size.
 */
#include "../postlink/insn.h"
#include "../postlink/read.h"

static void print_function(const struct object *o)
{
	const uint8_t *code = image_bytes(o->image, o->addr, o->size);
	struct insn insn;

	for (uint64_t off = 0; code && off < o->size; off += insn.length) {
		bool lea, branch;

		if (!insn_decode(code + off, o->size - off, &insn))
			return;
		if (!insn.disp || insn_tail(code, off + insn.disp, o->size, &lea, &branch) < 0 || lea || branch)
			continue;
		printf("%llx %u\n", (unsigned long long)(o->addr + off), insn_operand(code, o->size, off + insn.disp));
	}
}

int main(int argc, char **argv)
{
	struct image *img = argc == 2 ? image_read_any(argv[1], NULL) : NULL;

	if (!img)
		return 2;
	image_fill(img);
	for (uint32_t i = 0; i < img->nobjects; i++)
		if (img->objects[i].kind == OBJECT_FUNC)
			print_function(&img->objects[i]);
	image_release(img);
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Variables and constants that are aligned as their type does not ask for: the source says so, or the vectoriser, which reads
 * them sixteen bytes at once and more by instructions that fault elsewhere. A variable of the old build stays where it is,
 * so that hp-diff must know what new code relies on.
 *
 *	static float sums[3] __attribute__((aligned(64)));
 */
#include "hotpatch.h"

void aligned_print(FILE *f, const char *unit)
{
	varpool_node *node;

	FOR_EACH_VARIABLE(node) {
		tree decl = node->decl;
		const char *name;

		if (hp_broken("plugin-aligned") || !is_global_var(decl) || !DECL_USER_ALIGN(decl) || DECL_ALIGN(decl) <= BITS_PER_UNIT)
			continue;
		name = assembler_name(decl);
		fprintf(f, "\t.asciz \"D\\t%s\\t%s\\t%u\"\n", unit, name, DECL_ALIGN(decl) / BITS_PER_UNIT);
	}
}

// SPDX-License-Identifier: GPL-3.0-or-later
/* Bytes that stand between things for their alignment: zeros, and in code also int3 and nops of all lengths. */
#include "diff.h"
#include "insn.h"

/* Length of the filling that begins at P: zeros, int3, nops of all lengths; 0: it is none. */
static size_t filling(const uint8_t *p, size_t n, bool exec)
{
	size_t prefixes = 0;
	struct insn insn;

	if (*p == 0 || (exec && (*p == 0xcc || *p == 0x90)))
		return 1;
	while (exec && prefixes < n && (p[prefixes] == 0x66 || p[prefixes] == 0x2e))
		prefixes++;
	if (!exec || prefixes >= n)
		return 0;
	p += prefixes;
	n -= prefixes;
	if (*p == 0x90)
		return prefixes + 1;
	return n > 1 && p[0] == 0x0f && p[1] == 0x1f && insn_decode(p, n, &insn) ? prefixes + insn.length : 0;
}

bool only_filling(const struct image *img, uint64_t addr, uint64_t n)
{
	const struct section *s = n ? image_section_at(img, addr) : NULL;
	const uint8_t *p = image_bytes(img, addr, n);
	size_t step;

	if (hp_broken("filling"))
		return true;
	for (uint64_t at = 0; p && s && at < n; at += step)
		if (!(step = filling(p + at, n - at, s->exec)))
			return false;
	return (p && s) || !n;
}

// SPDX-License-Identifier: GPL-3.0-or-later
/* See cursor.h. */
#include <string.h>

#include "cursor.h"

const uint8_t *cursor_skip(struct cursor *c, uint64_t n)
{
	const uint8_t *here = c->bytes + c->at;

	if (c->end - c->at < n) {
		c->bad = true;
		c->at = c->end;
	} else {
		c->at += n;
	}
	return here;
}

uint64_t cursor_take(struct cursor *c, unsigned n)
{
	const uint8_t *here = cursor_skip(c, n);
	uint64_t value = 0;

	if (!c->bad)
		memcpy(&value, here, n);
	return value;
}

static uint64_t take_leb(struct cursor *c, unsigned *shift, uint8_t *last)
{
	uint64_t value = 0;

	*shift = 0;
	do {
		*last = cursor_take(c, 1);
		if (*shift < 64)
			value |= (uint64_t)(*last & 0x7f) << *shift;
		*shift += 7;
	} while (*last & 0x80);
	return value;
}

uint64_t cursor_uleb(struct cursor *c)
{
	unsigned shift;
	uint8_t last;

	return take_leb(c, &shift, &last);
}

int64_t cursor_sleb(struct cursor *c)
{
	unsigned shift;
	uint8_t last;
	uint64_t value = take_leb(c, &shift, &last);

	return last & 0x40 && shift < 64 ? value | ~0ull << shift : value;
}

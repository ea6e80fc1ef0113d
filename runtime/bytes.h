/* SPDX-License-Identifier: MIT */
/*
 * Bytes and ranges, for code that runs with and without a C library. Plain loops on purpose: the stub is built with
 * -fno-tree-loop-distribute-patterns and must not call memcpy(); elsewhere the compiler turns them into it.
 */
#ifndef HOTPATCH_BYTES_H
#define HOTPATCH_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline void bytes_copy(void *to, const void *from, uint64_t size)
{
	uint8_t *t = to;
	const uint8_t *f = from;

	while (size--)
		*t++ = *f++;
}

static inline void bytes_fill(void *to, uint8_t value, uint64_t size)
{
	for (uint8_t *t = to; size--; t++)
		*t = value;
}

static inline bool bytes_equal(const void *a, const void *b, uint64_t size)
{
	const uint8_t *x = a, *y = b;

	for (; size; size--)
		if (*x++ != *y++)
			return false;
	return true;
}

static inline bool text_equal(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

static inline uint64_t text_length(const char *s)
{
	uint64_t n = 0;

	while (s[n])
		n++;
	return n;
}

/* Do SIZE bytes at OFFSET lie within the first LIMIT bytes? No sum that could wrap. */
static inline bool range_fits(uint64_t offset, uint64_t size, uint64_t limit)
{
	return offset <= limit && size <= limit - offset;
}

/* Do SIZE bytes at ADDR lie within [LO, HI)? */
static inline bool range_inside(uint64_t addr, uint64_t size, uint64_t lo, uint64_t hi)
{
	return addr >= lo && lo <= hi && range_fits(addr - lo, size, hi - lo);
}

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the fuzzers of hp-ctl make their inputs with: numbers that come again. */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stdint.h>

static uint64_t state;

static uint32_t any(uint32_t below)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33) % below;
}

/* Some are below SMALL. */
static uint64_t any_value(uint32_t small)
{
	switch (any(4)) {
	case 0: return any(small);
	case 1: return -(uint64_t)any(256);
	case 2: return 1ull << any(64);
	default: return (uint64_t)any(1u << 31) << 32 | any(1u << 31);
	}
}

#endif

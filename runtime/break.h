/* SPDX-License-Identifier: MIT */
/*
 * Stages that break on request, to show that a test sees each of them: testsuite/mutants. In a build with -DHP_BREAK
 * the environment variable HP_BREAK names those that shall ("place verify"). The blobs, which have no C library to ask,
 * are made for one stage: -DHP_BREAK_STAGE="place". In all others this is nothing.
 */
#ifndef HOTPATCH_BREAK_H
#define HOTPATCH_BREAK_H

#if defined HP_BREAK_STAGE
#define hp_broken(stage) (!__builtin_strcmp(stage, HP_BREAK_STAGE))
#elif defined HP_BREAK
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static inline bool hp_broken(const char *stage)
{
	const char *all = getenv("HP_BREAK"), *at = all;
	size_t n = strlen(stage);

	while (at && (at = strstr(at, stage)) && ((at > all && at[-1] != ' ') || (at[n] && at[n] != ' ')))
		at += n;
	return at;
}
#else
#define hp_broken(stage) false
#endif

#endif

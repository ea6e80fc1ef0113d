/* SPDX-License-Identifier: MIT */
/*
 * What the stub knows about the process that it starts in: arguments, environment and privileges, all from the initial
 * stack, without a system call; and its way to say something.
 */
#ifndef HOTPATCH_START_H
#define HOTPATCH_START_H

#include <stdbool.h>
#include "bind.h"
#include "bytes.h"

struct start {
	const char *program;            /* argv[0] */
	const char *store;              /* directory of patches */
	bool store_is_ours;             /* the environment names it: files of the process's own user are trusted too */
	bool privileged;                /* more rights than who started it: environment and stderr are not ours */
	bool debug;                     /* HOTPATCH_DEBUG=1 */
	uint32_t uid;                   /* effective */
	struct bind_scope scope;        /* program headers of the executable */
};

/* STORE is the default. ARGV stands on the initial stack, as glibc passes it to every constructor. Where it doesn't,
 * the environment is unknown and HOTPATCH_STORE and HOTPATCH_DEBUG have no effect. */
void start_init(struct start *s, long argc, char **argv, const char *store);

/*
 * One line: "hotpatch: PROGRAM: PARTS...", on stderr, or in the system log when privileged. PARTS are START_PARTS, or
 * end with a NULL.
 * start_debug() only under HOTPATCH_DEBUG=1.
 */
#define START_PARTS 10
struct start_line {
	const char *part[START_PARTS];
};

void start_say(const struct start *s, const struct start_line *line);
void start_debug(const struct start *s, const struct start_line *line);

#endif

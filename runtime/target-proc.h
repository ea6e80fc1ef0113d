/* SPDX-License-Identifier: MIT */
/*
 * A target that runs: another process, through /proc/PID/mem.
 *
 * The kernel writes to read-only pages on behalf of whoever may trace the process (FOLL_FORCE). Where it was told not
 * to (proc_mem.force_override, Linux 6.12), a ladder is climbed: attached by PTRACE_SEIZE, which stops nobody, the same
 * write is tried again; the last step is PTRACE_POKEDATA through one stopped thread.
 */
#ifndef HOTPATCH_TARGET_PROC_H
#define HOTPATCH_TARGET_PROC_H

#include "ctl.h"
#include "engine.h"

enum force { FORCE_PLAIN, FORCE_SEIZED, FORCE_POKE, FORCE_DENIED };

struct target_proc {
	struct target target;
	const struct proc *proc;
	uint64_t base, low, high;       /* of the module: nothing outside of [low, high) is written */
	enum force force;               /* how far up the ladder */
	pid_t tracee;                   /* the thread that is attached to, 0: none */
	int signal;                     /* what it stopped for, 0: because it was asked to */
	int error;                      /* errno of the last failure */
	uint64_t kept, kept_end;        /* [kept, kept_end) has its values already: the boot record's go nowhere */
	struct show {                   /* rooms that lead elsewhere for now, for readers who only know the patch */
		uint64_t addr;
		uint8_t there[HP_ROOM_SIZE], shown[HP_ROOM_SIZE];
	} *shows;
	size_t nshows;
	struct pair_show {              /* likewise pairs of another patch: see ctl-pairs.c. Ascending */
		uint64_t addr;
		uint8_t there[8], shown[8];
	} *pairs;
	size_t npairs;
	uint64_t bytes, writes;
};

void target_proc_init(struct target_proc *t, const struct proc *p, const struct module *m);
/* Lets go of the process. */
void target_proc_close(struct target_proc *t);

/* Test hook: ends the tool with SIGKILL at a named step, see ctl-step.c. */
#ifdef HP_TEST_HOOKS
void ctl_step(const char *name);
int ctl_deny_force(void);
#else
static inline void ctl_step(const char *name) { (void)name; }
static inline int ctl_deny_force(void) { return FORCE_PLAIN; }
#endif

#endif

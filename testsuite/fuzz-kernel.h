/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A kernel of one process, for fuzz targets: what hp-ctl's code asks of /proc, ptrace and the clock is answered from a
 * copy of a process that ran once. So an input costs no system call, a wait no time, and a process that lies, changes under
 * the reader's eyes or never comes to a stop is a matter of a few bytes. Link with @fuzz-kernel.wrap.
 */
#ifndef HOTPATCH_FUZZ_KERNEL_H
#define HOTPATCH_FUZZ_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define KERNEL_THREADS 4
#define KERNEL_TEXT 32768

/* What else can be true of the process; 0: nothing unusual. */
enum knob {
	KNOB_SEIZE,                     /* errno of PTRACE_SEIZE */
	KNOB_WAIT,                      /* how often a thread asked to stop has not stopped yet */
	KNOB_STATUS,                    /* what is added to the status of its stop */
	KNOB_RAX, KNOB_CALL,            /* result and number of the call that the stop came upon */
	KNOB_SHARED,                    /* kcmp() takes everybody for a thread of the process */
	KNOB_BORN,                      /* process numbers given out since the start */
	KNOB_OLD,                       /* no PAGEMAP_SCAN */
	KNOB_DENY,                      /* how many writes to read-only memory are denied: 1 once, 2 for ever */
	KNOB_SCHED,                     /* how often threads run between two looks */
	KNOB_SHORT,                     /* the most that one read of memory gives */
	KNOB_WIDE,                      /* a mapping of 128 GB */
	KNOB_HUGE,                      /* all that is mapped is said to be present */
	KNOB_FULL,                      /* so many bytes may not be charged to its cgroup any more */
	NKNOBS
};

struct kernel_thread {
	pid_t tid;
	char syscall[128];              /* its file: "running", or where it sleeps; "": it is gone */
	uint64_t sp, pc;                /* its registers when it is stopped */
	uint64_t runs;
	uint64_t waits;                 /* asked to stop: polls until it does; 0: not asked */
};

struct kernel_part { uint64_t start, size; uint8_t *now, *fresh, *dirty, *present; };

struct kernel {
	pid_t pid;
	struct kernel_part *parts;
	size_t nparts;
	char stat[1024], auxv[1024], maps[KERNEL_TEXT], fresh_maps[KERNEL_TEXT];
	size_t auxv_size, maps_size, fresh_maps_size;
	struct kernel_thread threads[KERNEL_THREADS], fresh_threads[KERNEL_THREADS];
	size_t nthreads;
	uint64_t knobs[NKNOBS];
	uint64_t calls, bytes;          /* asked for and read since kernel_reset() */
	uint64_t clock;                 /* nanoseconds, in which calls and waits are all that passes */
	bool frozen;                    /* writes do not arrive any more */
	void (*before_call)(void);
	bool (*may_write)(uint64_t addr, uint64_t size);
};

/* Runs PROGRAM until it has said something, and keeps all of it. The caller frees nothing: kernels last. */
struct kernel *kernel_new(const char *program, const char *argument);
/* From here on calls are answered by K; NULL: by the real kernel. Memory, threads and mappings are as they were. */
void kernel_reset(struct kernel *k);
/* Bytes at ADDR that are about to be read or, DIRTY, changed; NULL where not all of them are mapped. */
uint8_t *kernel_at(struct kernel *k, uint64_t addr, size_t size, bool dirty);

void broken(const char *claim, int line) __attribute__((noreturn));
#define CHECK(claim) ((claim) ? (void)0 : broken(#claim, __LINE__))

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Who is inside a set of code ranges? Asked while everything runs.
 *
 * A thread that sleeps shows its stack pointer and program counter in /proc/PID/task/TID/syscall; its stack is then
 * read and every word of it that points into a range counts, whatever it really is: nothing is unwound, so nothing can
 * be missed for lack of unwind tables. /proc/.../schedstat counts how often the thread was put on a processor: as long
 * as that number stands, what was seen of it is still true. A thread that runs can be looked at only by stopping it;
 * that is done to one that is on a processor, for some 20-60 microseconds, and only in threads_recheck(). Then its
 * registers count, too: on the way to a landing pad, or back from longjmp(), nothing else says where it goes.
 *
 * Stacks that no thread stands on (coroutines, the stack under a signal handler on its own stack) are found by
 * memory_scan(), which reads all private writable memory.
 *
 * A thread that stands still outside of a system call (stopped by a signal, or waiting for a page) shows no registers
 * but those two; it is stopped, too, to see them (ctl-halted.c).
 *
 * Left out: stacks in shared memory; the innermost frame of a stack that was left by setjmp, whose program counter
 * glibc hides (its callers are seen).
 */
#ifndef HOTPATCH_CTL_STACK_H
#define HOTPATCH_CTL_STACK_H

#include "ctl.h"

/* Run-time addresses [start, end). A word equal to START does not count when ENTRY is set: function pointers. DATA:
 * memory of a patch; words that point there count, those that stand there do not, since only who has found them could
 * use them. */
struct range {
	uint64_t start, end;
	const char *name;
	bool entry, data;
};

/* A word in writable memory that points into a range. */
struct hit { uint64_t at, value; const char *where; };   /* where: the name of the range */

struct ranges {
	struct range *list;             /* ascending after ranges_sort() */
	size_t count, room;
	uint64_t hidden, hidden_end;    /* see ranges_hide() */
};

int ranges_add(struct ranges *r, uint64_t start, uint64_t end, const char *name, bool entry);
int ranges_add_data(struct ranges *r, uint64_t start, uint64_t end);
/* Words in [start, end) tell of nobody, wherever they point: a patch's data, such as the table of a computed goto. */
void ranges_hide(struct ranges *r, uint64_t start, uint64_t end);
void ranges_sort(struct ranges *r);
/* All sorted ranges lie in SPAN bytes from LOW; 0 without any. */
uint64_t ranges_low(const struct ranges *r);
uint64_t ranges_span(const struct ranges *r);
const struct range *ranges_find(const struct ranges *r, uint64_t value);
void ranges_free(struct ranges *r);

enum look {
	LOOK_OUT,                       /* proved to be outside */
	LOOK_INSIDE,
	LOOK_RUNNING,                   /* not asleep: nothing known */
	LOOK_BLIND,                     /* asleep, but its stack cannot be read */
	LOOK_GONE,
};

struct thread {
	pid_t tid;
	int syscall, schedstat, status; /* descriptors, -1: not open */
	uint64_t runs;                  /* times it was put on a processor when it was looked at; UINT64_MAX: unknown */
	enum look look;
	uint64_t sp, stack, stack_end;  /* where it stood, and the mapping; 0: unknown */
	const struct range *in;         /* LOOK_INSIDE */
	uint64_t where;                 /* LOOK_INSIDE: the address that says so */
	bool ran;                       /* it had to be stopped to be looked at */
	bool halted;                    /* it stands still outside of a system call */
	bool signalled;                 /* halted, by a signal */
	bool denied;                    /* it cannot be stopped: somebody else traces it */
	struct mark { uint64_t runs, time; } mark;      /* see threads_see_out() */
	uint64_t rest;                  /* until then it is left alone */
	bool moved;                     /* it left the stack on which it was seen first */
	bool seized, stopping, stopped;
	int signal;                     /* kept back by the stop */
};

struct threads {
	struct thread *list;
	size_t count, room;
	uint64_t cursor;                /* last process number the kernel gave out when the list was made */
	uint64_t hold, hold_end;        /* run-time: who stops there, outside, stays so until threads_settle() */
	uint64_t grace;                 /* nobody is stopped before this time */
	bool picky;                     /* nor when the moment is over: see ctl-moment.c */
};

struct hits {
	struct hit list[64];
	size_t count;
	bool more;
};

/* Lists all threads of the address space and opens their files. -1: out of reach, errno says why. */
int threads_open(struct threads *t, const struct proc *p);
void threads_close(struct threads *t);
/* Looks at everyone without disturbing anyone. */
void threads_precheck(struct threads *t, struct proc *p, const struct ranges *r);
/* Looks again at those that ran since, or run. */
void threads_look_again(struct threads *t, struct proc *p, const struct ranges *r);
#define MOMENT_OFF 1                    /* hp-ctl needs a processor itself, and took it from somebody */
/* ctl-moment.c. Waits until all that run are on a processor, but for one at most. False: the deadline came first, or
 * there are too many of them. */
bool threads_await_moment(struct threads *t, struct proc *p, const struct ranges *r, uint64_t deadline);
/* How many may be inside and cannot come out by themselves now. */
size_t threads_kept_off(struct threads *t);
/* The gate is closed: looks again at those that ran since; stops those that are running, each for as short as can be.
 * Adds threads that were born meanwhile. False when somebody could not be looked at until DEADLINE, or the moment is
 * over. */
bool threads_recheck(struct threads *t, struct proc *p, const struct ranges *r, uint64_t deadline);
/* Looks once more at those that were running inside: they come out by themselves while nobody can go in. Each is left
 * alone for PAUSE first: a thread that is stopped as soon as it runs does not get far. False when there is none, or not
 * all could be looked at until DEADLINE. Both in nanoseconds. */
bool threads_drain(struct threads *t, struct proc *p, const struct ranges *r, uint64_t pause, uint64_t deadline);
/* Waits for threads that were asked to stop and have not yet, and lets them go: to be called when the gate is open. */
void threads_settle(struct threads *t);
/* Nobody can get inside any more, and who is comes out by himself: looks at each of them until all are out, or stand
 * still inside; true then. False: DEADLINE came first. May be called again to go on. */
bool threads_see_out(struct threads *t, struct proc *p, const struct ranges *r, uint64_t deadline);
/* Adds those born since the list was made, *any: there are some. False when that could not be found out. */
bool threads_add_born(struct threads *t, const struct proc *p, bool *any);
/* Worst look of all threads, and one that has it. */
enum look threads_worst(const struct threads *t, const struct thread **who);
/* True when some thread left the stack on which it was seen first. */
bool threads_moved(const struct threads *t);

/* Reads all private writable memory. -1 when part of it could not be read until DEADLINE or is out of all
 * proportion. */
int memory_scan(const struct proc *p, const struct ranges *r, struct hits *hits, uint64_t deadline);
/* The first hit that is not accounted for by the stack of a thread; NULL: none. SURE: nor could it be, by the stack of
 * one that runs and was not looked at yet. */
const struct hit *hits_parked(const struct hits *hits, const struct threads *t, const struct proc *p, bool sure);

/* One thread. How often it was put on a processor; UINT64_MAX: unknown. For how many nanoseconds it was there, which
 * counts up when it leaves and with the clock's ticks. */
uint64_t thread_runs(const struct thread *t);
uint64_t thread_ran(const struct thread *t, uint64_t *runs);
/* Looks at it without disturbing it. */
void thread_look(struct thread *t, struct proc *p, const struct ranges *r);
/* Asks it to stop. */
void thread_ask(struct thread *t);
/* Looks at it when it has, or when it sleeps; false: not yet. */
bool thread_collect(struct threads *t, struct thread *who, struct proc *p, const struct ranges *r);

/* ctl-trace.c: stop one thread and see its registers. */
struct registers { uint64_t sp, pc, general[15]; };
bool trace_seize(struct thread *t);
void trace_interrupt(struct thread *t);
/* 1: stopped, *at set; 0: not yet; -1: gone. */
int trace_stopped(struct thread *t, struct registers *at);
/* Lets it go on, unseen by its system call. */
void trace_release(struct thread *t);

/* Nobody waits any more for it to stop; trace_sweep(), to be called now and then, lets it go when it has. */
void trace_leave(struct thread *t);
void trace_sweep(void);

/* ctl-halted.c. What stands in the text of a status file behind NAME, "\nState:\t"; "": it is not there. */
const char *status_value(const char *status, const char *name);
/* Might a thread that stands at PC go on to what only a register holds? */
bool halted_may_jump(const struct proc *p, uint64_t pc);
bool halted_by_signal(pid_t tid);
/* For people, behind "thread TID": who keeps it where it is. "": nobody. One static buffer. */
const char *halted_by(const struct thread *t);

uint64_t now_ns(void);

#endif

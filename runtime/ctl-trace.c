/* SPDX-License-Identifier: MIT */
/*
 * Stopping one running thread for a moment.
 *
 * PTRACE_SEIZE does not stop it, PTRACE_INTERRUPT does, without a signal. A thread that happened to enter one of the
 * system calls below just then finds it interrupted with EINTR, because the kernel does not restart these after a stop;
 * it is told to restart by a return value that the kernel replaces on the way out (ERESTARTNOHAND: a signal with a
 * handler that came in meanwhile still gives EINTR, as it should). A relative timeout starts anew.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include "ctl-stack.h"

#define RESTART_NO_HAND (-514L)

static bool shows_stops(long call)
{
	static const short calls[] = {
		SYS_epoll_wait, SYS_epoll_pwait, 441 /* epoll_pwait2 */, SYS_semop, SYS_semtimedop, SYS_recvfrom,
		SYS_recvmsg, SYS_recvmmsg, SYS_sendto, SYS_sendmsg, SYS_sendmmsg, SYS_accept, SYS_accept4, SYS_connect,
		426 /* io_uring_enter */, SYS_io_getevents, 333 /* io_pgetevents */, SYS_rt_sigtimedwait,
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (calls[i] == call)
			return true;
	return false;
}

/* Threads that had not come to their stop when nobody waited for it any more: in vfork(), or for a page, or because the
 * machine is very busy. They are still seized, and would stop and stand there until hp-ctl ends. */
static struct { pid_t *list; size_t count, room; } late;

static bool take_back(pid_t tid)
{
	for (size_t i = 0; i < late.count; i++)
		if (late.list[i] == tid) {
			late.list[i] = late.list[--late.count];
			return true;
		}
	return false;
}

bool trace_seize(struct thread *t)
{
	if (!t->seized)
		t->seized = ptrace(PTRACE_SEIZE, t->tid, 0, 0) == 0 || (errno == EPERM && take_back(t->tid));
	return t->seized;
}

void trace_interrupt(struct thread *t)
{
	t->stopping = ptrace(PTRACE_INTERRUPT, t->tid, 0, 0) == 0;
}

/* The signal that a stop for a signal keeps back, to be handed over on release; 0 for the stop that was asked for. */
static int kept_signal(int status)
{
	return status >> 16 == PTRACE_EVENT_STOP ? 0 : WSTOPSIG(status);
}

static void take_registers(struct registers *at, const struct user_regs_struct *r)
{
	*at = (struct registers){ .sp = r->rsp, .pc = r->rip,
				  .general = { r->rax, r->rbx, r->rcx, r->rdx, r->rsi, r->rdi, r->rbp, r->r8, r->r9,
					       r->r10, r->r11, r->r12, r->r13, r->r14, r->r15 } };
}

int trace_stopped(struct thread *t, struct registers *at)
{
	struct user_regs_struct regs;
	int status;
	pid_t got = waitpid(t->tid, &status, __WALL | WNOHANG);

	if (got == 0)
		return 0;
	if (got < 0 || !WIFSTOPPED(status) || ptrace(PTRACE_GETREGS, t->tid, 0, &regs) < 0) {
		t->seized = t->stopping = false;
		return -1;
	}
	take_registers(at, &regs);
	if ((long)regs.orig_rax >= 0 && (long)regs.rax == -EINTR && shows_stops((long)regs.orig_rax))
		ptrace(PTRACE_POKEUSER, t->tid, offsetof(struct user_regs_struct, rax), RESTART_NO_HAND);
	t->signal = kept_signal(status);
	t->stopping = false;
	t->stopped = true;
	return 1;
}

void trace_release(struct thread *t)
{
	if (!t->stopped)
		return;
	ptrace(PTRACE_DETACH, t->tid, 0, t->signal);
	t->seized = t->stopped = false;
	t->signal = 0;
}

void trace_leave(struct thread *t)
{
	if (!t->stopping)
		return;
	if (late.count == late.room) {
		size_t room = late.room ? 2 * late.room : 16;
		pid_t *list = reallocarray(late.list, room, sizeof(*list));
		if (!list)
			return;         /* the end of hp-ctl lets it go */
		late.list = list;
		late.room = room;
	}
	late.list[late.count++] = t->tid;
}

void trace_sweep(void)
{
	for (size_t i = late.count; i-- > 0;) {
		struct thread t = { .tid = late.list[i], .seized = true, .stopping = true };
		struct registers at;
		if (trace_stopped(&t, &at) == 0)
			continue;
		late.list[i] = late.list[--late.count];
		trace_release(&t);
	}
}

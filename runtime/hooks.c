/* SPDX-License-Identifier: MIT */
/*
 * The hooks of a patch: run inside the process, once, by the first thread that comes to a changed function.
 *
 * Problem: a fix may have to look at, or prepare, the data of the process before its code may run, and may say no. That
 * needs code that runs in the process, and nobody is stopped or made to run anything from outside. Method: hp-diff
 * leads every redirected entry through a GUARD in front of the new function,
 *
 *   cmpl $HP_HOOKS_NEW, phase(%rip); je new; call hp_hooks; movq $0, -8(%rsp); jne new; (what the entry held); jmp old
 *
 * and lays this code, one flat blob, before the guards. The first to call it takes the phase and runs the pre-apply
 * hooks; the others wait for the phase. With their consent the phase is NEW, and each guard leads to new code from then
 * on; else all lead to old code. The decision is one compare-and-exchange, so the sides never mix. A thread that waits
 * too long (a hook that wants a lock which the waiter holds) takes the old side for all: that is a veto, too. So hooks
 * behave alike at startup, live and in a coldpatched file. Phases: enum hp_hooks_phase in abi.h. Where the patch takes
 * over from another one, the gate of hp-ctl stands for the guards (ctl-passage.c): the old side is the other patch
 * then.
 *
 * No C library and no relocation, as in the stub. hp-diff puts struct hp_hook_list right behind the blob.
 */
#include <errno.h>
#include <linux/futex.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include "bytes.h"
#include "engine.h"
#include "start.h"
#include "sys.h"

#define TURN_NS 10000000                /* a waiter looks again after that */
#define TURNS 100                       /* and takes the old side after so many */

extern const struct hp_hook_list hp_hook_list;

/*
 * Called by the guards with the arguments of somebody else's function in the registers. All are as before when it
 * returns, but for the flags, which are dead at an entry: ZF is clear to go to the new function. The vector registers
 * are saved whole (not x87's, which hold no arguments): a hook is ordinary code. 2688: SSE, AVX and AVX-512 in XSAVE's
 * layout. The answer is read from below the stack pointer, in the red zone. No return address stays behind on the
 * stack, where hp-ctl would take it for somebody who is still inside; the guard sees to its own.
 */
__asm__ (
	".section .text.entry,\"ax\",@progbits\n"
	".globl hp_hooks\n"
	".hidden hp_hooks\n"
	".type hp_hooks,@function\n"
	"hp_hooks:\n"
	"	push %rbp\n"
	"	mov %rsp,%rbp\n"
	"	push %rax\n	push %rbx\n	push %rcx\n	push %rdx\n	push %rsi\n"
	"	push %rdi\n	push %r8\n	push %r9\n	push %r10\n	push %r11\n"
	"	sub $8,%rsp\n"
	"	and $-64,%rsp\n"
	"	sub $2688,%rsp\n"
	"	cld\n"
	"	mov $1,%eax\n"
	"	xor %ecx,%ecx\n"
	"	cpuid\n"
	"	bt $27,%ecx\n"                  /* OSXSAVE */
	"	jc 1f\n"
	"	fxsave64 (%rsp)\n"
	"	call hp_hooks_run\n"
	"	mov %eax,-88(%rbp)\n"
	"	fxrstor64 (%rsp)\n"
	"	jmp 2f\n"
	"1:	xor %eax,%eax\n"
	"	lea 512(%rsp),%rdi\n"
	"	mov $8,%ecx\n"
	"	rep stosq\n"                    /* XSAVE does not write all of its header */
	"	mov $0xe6,%eax\n"
	"	xor %edx,%edx\n"
	"	xsave64 (%rsp)\n"
	"	call hp_hooks_run\n"
	"	mov %eax,-88(%rbp)\n"
	"	mov $0xe6,%eax\n"
	"	xor %edx,%edx\n"
	"	xrstor64 (%rsp)\n"
	"2:	xor %eax,%eax\n"
	"	lea -512(%rsp),%rdi\n"
	"	mov $64,%ecx\n"
	"	rep stosq\n"
	"	lea -80(%rbp),%rsp\n"
	"	pop %r11\n	pop %r10\n	pop %r9\n	pop %r8\n	pop %rdi\n"
	"	pop %rsi\n	pop %rdx\n	pop %rcx\n	pop %rbx\n	pop %rax\n"
	"	cmpl $0,-88(%rbp)\n"
	"	pop %rbp\n"
	"	ret\n"
	".size hp_hooks,.-hp_hooks\n"
	".text\n"
);

/* ---- where things are -------------------------------------------------------------------------------------------- */

static uint64_t load_base(void)
{
	return (uint64_t)&hp_hook_list - hp_hook_list.addr;
}

static struct hp_hooks *hooks_state(void)
{
	return (void *)(load_base() + hp_hook_list.state);
}

/* The thread pointer: no system call, which a sandbox may forbid. */
static uint64_t self(void)
{
	uint64_t pointer;

	__asm__ ("mov %%fs:0,%0" : "=r"(pointer));
	return pointer;
}

static bool exchange(struct hp_hooks *s, uint32_t from, uint32_t to)
{
	return __atomic_compare_exchange_n(&s->phase, &from, to, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* ---- live variables ---------------------------------------------------------------------------------------------- */

static int memory_read(struct target *t, uint64_t addr, void *to, uint64_t size)
{
	bytes_copy(to, (const void *)(t->base + addr), size);
	return 0;
}

static int memory_write(struct target *t, uint64_t addr, const void *from, uint64_t size)
{
	bytes_copy((void *)(t->base + addr), from, size);
	return 0;
}

/* The patch does not come into force: variables hold again what they held. */
static void take_values_back(void)
{
	struct target t = { memory_read, memory_write, load_base(), TARGET_RUNS | TARGET_FRESH, NULL };

	if (hp_hook_list.boot)
		boot_values(&t, (const void *)(load_base() + hp_hook_list.boot), true);
}

/* ---- words ------------------------------------------------------------------------------------------------------- */

/* A program that closed its standard error may have something else there by now; what is a socket gets no line of
 * ours. */
static bool may_write(const struct stat *st)
{
	if (S_ISREG(st->st_mode))
		return (sys3(__NR_fcntl, 2, F_GETFL, 0) & O_ACCMODE) == O_WRONLY;
	return S_ISCHR(st->st_mode) || S_ISFIFO(st->st_mode);
}

static void number_text(char *to, long n)
{
	char digits[20];
	unsigned count = 0;
	unsigned long left = n < 0 ? -(unsigned long)n : (unsigned long)n;

	if (n < 0)
		*to++ = '-';
	do
		digits[count++] = '0' + left % 10;
	while (left /= 10);
	while (count)
		*to++ = digits[--count];
	*to = 0;
}

static void say_off(const struct hp_hook *hook, int verdict)
{
	const char *text = (const char *)&hp_hook_list;
	char number[24], name[16] = "?";
	struct stat st;
	struct start s = { .program = name };

	if (sys3(__NR_fstat, 2, (long)&st, 0) < 0)
		return;
	sys3(__NR_prctl, PR_GET_NAME, (long)name, 0);
	s.privileged = !may_write(&st);
	number_text(number, verdict);
	start_say(&s, &(struct start_line) { {
		"the patch '", text + hp_hook_list.label, "' stays off: ", hook ? "hook '" : "its hooks took too long",
		hook ? text + hook->name : NULL, "' returned ", number
	} });
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

/* All hooks for WHEN but for those of SKIP, up to the first that says no; that one, or NULL. *ran: how many
 * consented. */
static const struct hp_hook *run_hooks(struct hp_hooks *s, uint32_t when, uint32_t skip, unsigned *ran)
{
	for (uint32_t i = 0; i < hp_hook_list.count; i++) {
		const struct hp_hook *hook = &hp_hook_list.hook[i];
		int verdict;

		if ((hook->when != when && !hp_broken("hooks-when")) || (i < HP_HOOKS_KEPT && skip >> i & 1))
			continue;
		verdict = ((int (*)(void))(load_base() + hook->code))();
		if (verdict && !hp_broken("hooks-veto")) {
			s->hook = i;
			s->verdict = verdict;
			return hook;
		}
		++*ran;
	}
	return NULL;
}

static void wake(struct hp_hooks *s)
{
	sys6(__NR_futex, (long)&s->phase, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1 << 30, 0, 0, 0);
}

/* A hook said no, or a waiter did: all is as before. */
static int stay_old(struct hp_hooks *s, const struct hp_hook *veto, unsigned ran)
{
	int verdict = s->verdict;

	if (ran && !hp_broken("hooks-undo")) {
		ran = 0;
		run_hooks(s, HP_HOOK_POST_REVERT, s->kept, &ran);
		s->verdict = verdict;
	}
	if (!hp_broken("hooks-values"))
		take_values_back();
	s->owner = 0;
	exchange(s, HP_HOOKS_RUNNING, HP_HOOKS_VETOED);
	wake(s);
	say_off(veto, verdict);
	return 0;
}

/* What NEW brings along is made once: the code of a patch that is applied again may have stayed, and its data with
 * it. */
static void construct(struct hp_hooks *s)
{
	for (uint32_t i = 0; i < hp_hook_list.count && !s->constructed; i++)
		if (hp_hook_list.hook[i].when == HP_HOOK_CONSTRUCT)
			((void (*)(void))(load_base() + hp_hook_list.hook[i].code))();
	s->constructed = 1;
}

static int apply(struct hp_hooks *s)
{
	const struct hp_hook *veto;
	unsigned ran = 0;

	s->owner = self();
	s->verdict = 0;
	construct(s);
	veto = run_hooks(s, HP_HOOK_PRE_APPLY, s->kept, &ran);
	if (veto)
		return stay_old(s, veto, ran);
	if (!exchange(s, HP_HOOKS_RUNNING, HP_HOOKS_NEW))
		return stay_old(s, NULL, ran);
	s->owner = 0;
	wake(s);
	run_hooks(s, HP_HOOK_POST_APPLY, s->kept, &ran);
	return 1;
}

/* hp-ctl has asked; the code stays new until it has switched. */
static int leave(struct hp_hooks *s)
{
	unsigned ran = 0;
	const struct hp_hook *veto = run_hooks(s, HP_HOOK_PRE_REVERT, 0, &ran);

	exchange(s, HP_HOOKS_LEAVING, veto ? HP_HOOKS_STAY : HP_HOOKS_LEFT);
	return 1;
}

static int after(struct hp_hooks *s)
{
	unsigned ran = 0;

	s->owner = self();
	run_hooks(s, HP_HOOK_POST_REVERT, 0, &ran);
	s->owner = 0;
	exchange(s, HP_HOOKS_AFTER_RUNNING, HP_HOOKS_GONE);
	wake(s);
	return 0;
}

/* Waits while the phase is PHASE. False: the time is up. */
static bool wait_for(struct hp_hooks *s, uint32_t phase, unsigned *turns)
{
	const struct timespec turn = { 0, TURN_NS };
	long rc = sys6(__NR_futex, (long)&s->phase, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, phase, (long)&turn, 0, 0);

	if (rc == 0 || rc == -EAGAIN || rc == -EINTR)
		return true;
	return ++*turns < TURNS;
}

/* 1: to the new function, 0: to the old one. */
__attribute__((used)) int hp_hooks_run(void)
{
	struct hp_hooks *s = hooks_state();
	unsigned turns = 0;

	for (;;)
		switch (__atomic_load_n(&s->phase, __ATOMIC_SEQ_CST)) {
		case HP_HOOKS_PENDING:
			if (exchange(s, HP_HOOKS_PENDING, HP_HOOKS_RUNNING))
				return apply(s);
			break;
		case HP_HOOKS_RUNNING:
			if (s->owner == self())
				return 0;
			if (!wait_for(s, HP_HOOKS_RUNNING, &turns) && exchange(s, HP_HOOKS_RUNNING, HP_HOOKS_EXPIRED))
				return 0;
			break;
		case HP_HOOKS_LEAVE:
			if (exchange(s, HP_HOOKS_LEAVE, HP_HOOKS_LEAVING))
				return leave(s);
			break;
		case HP_HOOKS_AFTER:
			if (exchange(s, HP_HOOKS_AFTER, HP_HOOKS_AFTER_RUNNING))
				return after(s);
			break;
		case HP_HOOKS_AFTER_RUNNING:
			if (s->owner == self() || !wait_for(s, HP_HOOKS_AFTER_RUNNING, &turns))
				return 0;
			break;
		case HP_HOOKS_NEW: case HP_HOOKS_LEAVING: case HP_HOOKS_LEFT: case HP_HOOKS_STAY:
			return 1;
		default:
			return 0;
		}
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program to be patched while it runs: target MODE [N [MICROSECONDS]]; main() looks at them as often. Its two changed
 * functions return the version V that they were compiled for. It writes a line to stdout whenever what they return
 * changes: "1 1", "2 2", ...; a line with "MIXED" if a thread saw the new first function and then the old second one while
 * versions went up, or the other way while down.
 * With BIG the second one grows by that many bytes of code in V 2. SIGUSR1: exit 0.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#ifndef V
#define V 1
#endif

static void (*volatile hold)(void);
static volatile long calls;
static volatile int depth;

__attribute__((noipa)) int unchanged(int x) { calls++; return x + 1; }

__attribute__((noipa)) int first(int how)
{
	calls++;
	if (how == 1)
		hold();
	if (how > 10)
		return first(how - 1);
	return V;
}

__attribute__((noipa)) int second(int x)
{
	calls++;
#if defined BIG && V == 2
	__asm__ volatile("jmp 1f\n.skip %c0, 0x90\n1:" : : "i"(BIG));
#endif
	return x + V;
}

int (*volatile by_pointer)(int) = second;

static void *spin(void *arg)
{
	for (int last = 0;;) {
		int a = first(0), b = second(0), c = by_pointer(0);
		int both = a * 100 + b * 10 + c;
		/* 1 then 2 is the moment of the change; 2 then 1 is the moment of the way back */
		if (both != last && a != b && b != c)
			printf("MIXED %d\n", both);
		last = both;
	}
	return arg;
}

static void *doze(void *arg)
{
	for (;;) {
		struct timespec t = { 0, 20000000 };
		nanosleep(&t, NULL);
		first(0);
		unchanged(1);
	}
	return arg;
}

static void pause_for_ever(void)
{
	if (write(STDOUT_FILENO, "held\n", 5) == 5)
		for (;;)
			pause();
}

static void *park(void *arg)
{
	hold = pause_for_ever;
	first(1);
	return arg;
}

static void *recurse(void *arg)
{
	for (;;)
		first(30);
	return arg;
}

static void *churn_thread(void *arg)
{
	first(0);
	return arg;
}

static void *churn(void *arg)
{
	for (;;) {
		pthread_t t;
		if (pthread_create(&t, NULL, churn_thread, NULL) == 0)
			pthread_join(t, NULL);
	}
	return arg;
}

/* ---- coroutines --------------------------------------------------------------------------------------------------- */

static ucontext_t outside, inside;
static char stack[65536];

static void leave(void) { swapcontext(&inside, &outside); }
static void coroutine(void) { for (;;) first(1); }

static void suspend_coroutine(void)
{
	hold = leave;
	getcontext(&inside);
	inside.uc_stack.ss_sp = stack;
	inside.uc_stack.ss_size = sizeof(stack);
	makecontext(&inside, coroutine, 0);
	swapcontext(&outside, &inside);
}

/* ---- the signal stack --------------------------------------------------------------------------------------------- */

static void on_usr2(int sig) { (void)sig; pause_for_ever(); }
static void raise_usr2(void) { raise(SIGUSR2); }

/* A thread that is in first() on its own stack, and sleeps in a handler on another. */
static void *sleep_in_handler(void *arg)
{
	stack_t s = { .ss_sp = malloc(65536), .ss_size = 65536 };
	struct sigaction action = { .sa_handler = on_usr2, .sa_flags = SA_ONSTACK };

	sigaltstack(&s, NULL);
	sigaction(SIGUSR2, &action, NULL);
	hold = raise_usr2;
	first(1);
	return arg;
}

/* ---- processes ----------------------------------------------------------------------------------------------------- */

static void *fork_all_the_time(void *arg)
{
	for (;;) {
		pid_t child = fork();
		if (child == 0) {
			for (int i = 0; i < 20; i++)
				if (first(0) < 1 || second(0) < 1)
					_exit(1);
			_exit(0);
		}
		int status;
		if (child > 0 && waitpid(child, &status, 0) == child && status)
			printf("CHILD %d\n", status);
	}
	return arg;
}

static int vfork_child(void *arg) { (void)arg; for (int i = 0; i < 50; i++) usleep(100000); _exit(0); }

static void *vfork_parent(void *arg)
{
	static char child_stack[65536] __attribute__((aligned(16)));
	clone(vfork_child, child_stack + sizeof(child_stack), CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
	return arg;
}

static int sharing_child(void *arg) { (void)arg; for (;;) { first(0); usleep(1000); } return 0; }

static void share_memory(void)
{
	static char child_stack[65536] __attribute__((aligned(16)));
	pid_t child = clone(sharing_child, child_stack + sizeof(child_stack), CLONE_VM | SIGCHLD, NULL);
	printf("child %d\n", child);
}

/* ---- restrictions --------------------------------------------------------------------------------------------------- */

static void forbid(void)
{
	static struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ptrace, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* ---- main ------------------------------------------------------------------------------------------------------------ */

static long pause_us = 500;

static void *watch(void *arg)
{
	for (int last = 0;;) {
		int a = first(0), b = second(0);
		if (a * 10 + b != last && a == b) {
			printf("%d %d\n", a, b);
			last = a * 10 + b;
		}
		struct timespec t = { 0, pause_us * 1000 };
		nanosleep(&t, NULL);
	}
	return arg;
}

static void on_usr1(int sig) { (void)sig; _exit(0); }

static void start(void *(*f)(void *), int n)
{
	pthread_t t;

	while (n-- > 0)
		if (pthread_create(&t, NULL, f, NULL))
			perror("pthread_create");
}

extern char __start_hp_reserve[] __attribute__((weak, visibility("hidden")));

int main(int argc, char **argv)
{
	/* The loader leaves the end of the file, in memory, on the stack; that is where the room for data starts. */
	char *volatile end_of_file = __start_hp_reserve;
	const char *mode = argc > 1 ? argv[1] : "plain";
	int n = argc > 2 ? atoi(argv[2]) : 1;
	static const struct { const char *name; void *(*run)(void *); } threads[] = {
		{ "spin", spin }, { "doze", doze }, { "park", park }, { "recurse", recurse }, { "churn", churn },
		{ "fork", fork_all_the_time }, { "vfork", vfork_parent }, { "sigaltstack", sleep_in_handler },
	};

	if (argc > 3)
		pause_us = atoi(argv[3]);
	(void)end_of_file;
	setlinebuf(stdout);
	signal(SIGUSR1, on_usr1);
	for (size_t i = 0; i < sizeof(threads) / sizeof(*threads); i++)
		if (!strcmp(mode, threads[i].name))
			start(threads[i].run, n);
	if (!strcmp(mode, "coroutine"))
		suspend_coroutine();
	if (!strcmp(mode, "share"))
		share_memory();
	if (!strcmp(mode, "seccomp"))
		forbid();
	if (!strcmp(mode, "mdwe"))
		prctl(65 /* PR_SET_MDWE */, 1, 0, 0, 0);
	if (!strcmp(mode, "nodump"))
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (!strcmp(mode, "leader") || !strcmp(mode, "waiting"))
		start(watch, 1);
	if (!strcmp(mode, "leader"))
		pthread_exit(NULL);
	if (!strcmp(mode, "waiting"))
		vfork_parent(NULL);
	watch(NULL);
	return 0;
}

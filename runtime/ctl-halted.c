/* SPDX-License-Identifier: MIT */
/*
 * Threads that stand still outside of a system call: stopped by a signal or a debugger, or waiting for a page of
 * memory.
 *
 * The kernel shows where such a thread stands, and its stack, but no other register; and on the way to a landing pad,
 * or back from longjmp(), a register is all that tells where it goes. hp-ctl sees the registers of every thread that it
 * can stop itself, which includes one stopped by a signal. Of one that somebody else traces only the code ahead can
 * tell that there is no such jump.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "ctl-insn.h"
#include "ctl-stack.h"

#define AHEAD 16                        /* instructions; from the change of the stack to the jump there are fewer */

/* jmp *%reg and call *%reg, with or without notrack and REX */
static bool goes_by_register(const uint8_t *code)
{
	code += code[0] == 0x3e;
	code += (code[0] & 0xf0) == 0x40;
	return code[0] == 0xff && code[1] >> 6 == 3 && ((code[1] >> 3 & 7) == 2 || (code[1] >> 3 & 7) == 4);
}

/* ret: its way is on the stack, which was looked at */
static bool is_return(const uint8_t *code)
{
	return code[0] == 0xc3 || (code[0] == 0xf3 && code[1] == 0xc3);
}

bool halted_may_jump(const struct proc *p, uint64_t pc)
{
	uint8_t code[AHEAD * INSN_MAX];
	size_t n = proc_read_some(p, pc, code, sizeof(code)), at = 0;

	for (unsigned i = 0; i < AHEAD && !hp_broken("halted-ahead"); i++) {
		size_t length = n - at < INSN_MAX ? 0 : insn_length(code + at, n - at);
		if (!length || goes_by_register(code + at))
			return true;
		if (is_return(code + at))
			return false;
		at += length;
	}
	return false;
}

const char *status_value(const char *status, const char *name)
{
	const char *at = strstr(status, name);

	return at ? at + strlen(name) : "";
}

static bool read_status(pid_t tid, char *status, size_t size)
{
	char name[64];

	snprintf(name, sizeof(name), "/proc/%d/task/%d/status", tid, tid);
	return proc_read_file(AT_FDCWD, name, status, size) > 0;
}

bool halted_by_signal(pid_t tid)
{
	char status[4096];

	return read_status(tid, status, sizeof(status)) && status_value(status, "\nState:\t")[0] == 'T';
}

const char *halted_by(const struct thread *t)
{
	static char text[64];
	char status[4096];
	long tracer;

	text[0] = '\0';
	if (!read_status(t->tid, status, sizeof(status)))
		return text;
	tracer = strtol(status_value(status, "\nTracerPid:\t"), NULL, 10);
	if (tracer > 0 && tracer != getpid())
		snprintf(text, sizeof(text), ", which process %ld traces,", tracer);
	else if (t->signalled || status_value(status, "\nState:\t")[0] == 'T')
		strcpy(text, ", which is stopped,");
	return text;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Linked into the program of every pair (run-pairs), so that a running process can be patched before it has done anything,
 * or in the middle of its work. HP_WAIT=start: it waits before its constructors, those of its libraries are through by
 * then; HP_WAIT=call: at its first call of hp_wait(). It tells its pid on descriptor 7 and goes on when descriptor 8 says
 * so.
 *
 * Compiled without the plugin, and without a word of the C library: the pair's imports, unwind tables and functions with
 * room are what they would be without this file.
 */

#define ENVIRONMENT "HP_WAIT="

enum { SYS_read = 0, SYS_write = 1, SYS_getpid = 39 };

static const char *when = "";

static long system_call(long number, long a, const void *b, long c)
{
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return result;
}

static const char *after(const char *text, const char *prefix)
{
	while (*prefix && *text == *prefix)
		text++, prefix++;
	return *prefix ? 0 : text;
}

static void pause_once(void)
{
	char text[24], *p = text + sizeof text;
	long pid = system_call(SYS_getpid, 0, 0, 0);

	when = "";
	*--p = '\n';
	for (; pid; pid /= 10)
		*--p = (char)('0' + pid % 10);
	system_call(SYS_write, 7, p, text + sizeof text - p);
	while (system_call(SYS_read, 8, text, 1) < 0)
		;
}

void hp_wait(void)
{
	if (*when == 'c')
		pause_once();
}

/* The first of the program's own: the C library hands the environment to constructors. */
__attribute__((constructor(101))) static void look(int argc, char **argv, char **environment)
{
	(void)argc, (void)argv;
	for (; *environment; environment++)
		if (after(*environment, ENVIRONMENT))
			when = after(*environment, ENVIRONMENT);
	if (*when == 's')
		pause_once();
}

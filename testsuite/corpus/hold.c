/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Preloaded into the processes of a package's tests: lets hp-ctl work on each one that maps a wanted module.
 *
 * A process whose modules have one of the build-ids in $HOLD_IDS runs `sh -c "$HOLD_COMMAND" sh PID` and waits for its
 * end: before its main(), and again after each dlopen() that brings a wanted module. What the command prints goes into
 * the directory $HOLD_LOG, one file a run. So programs that end at once are patched while they run, too, and no test
 * needs to know of it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static unsigned wanted_modules;         /* at the last look */

static int id_is_wanted(const unsigned char *id, size_t size)
{
	char text[2 * 32 + 1];

	for (size_t i = 0; i < size && i < 32; i++)
		sprintf(text + 2 * i, "%02x", id[i]);
	return strstr(getenv("HOLD_IDS"), text) != NULL;
}

/* True when the notes at p hold a wanted build-id. */
static int notes_want(const char *p, const char *end)
{
	while (p + sizeof(ElfW(Nhdr)) <= end) {
		const ElfW(Nhdr) *n = (const void *)p;
		const char *name = p + sizeof(*n), *desc = name + ((n->n_namesz + 3) & ~3u);
		if (n->n_type == NT_GNU_BUILD_ID && n->n_namesz == 4 && !memcmp(name, "GNU", 4))
			return id_is_wanted((const void *)desc, n->n_descsz);
		p = desc + ((n->n_descsz + 3) & ~3u);
	}
	return 0;
}

static int count_wanted(struct dl_phdr_info *info, size_t size, void *count)
{
	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
		const char *at = (const char *)info->dlpi_addr + ph->p_vaddr;
		if (ph->p_type == PT_NOTE && notes_want(at, at + ph->p_memsz)) {
			++*(unsigned *)count;
			break;
		}
	}
	return 0;
}

/* The command works on this process while it waits here. */
static void let_work(void)
{
	struct timespec now;
	char pid[16], log[4096];
	char *argv[] = { "sh", "-c", getenv("HOLD_COMMAND"), "sh", pid, NULL }, *env[] = { NULL };
	posix_spawn_file_actions_t files;
	pid_t child;

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	clock_gettime(CLOCK_MONOTONIC, &now);           /* numbers of processes come again */
	snprintf(log, sizeof(log), "%s/%s.%lld.%09ld", getenv("HOLD_LOG"), pid, (long long)now.tv_sec, now.tv_nsec);
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0644);
	posix_spawn_file_actions_adddup2(&files, 1, 2);
	if (posix_spawn(&child, "/bin/sh", &files, NULL, argv, env) == 0)
		waitpid(child, NULL, 0);
	posix_spawn_file_actions_destroy(&files);
}

static void look(void)
{
	unsigned now = 0;

	if (!getenv("HOLD_IDS") || !getenv("HOLD_COMMAND") || !getenv("HOLD_LOG"))
		return;
	dl_iterate_phdr(count_wanted, &now);
	if (now > wanted_modules)
		let_work();
	wanted_modules = now;
}

static int (*program_main)(int, char **, char **);

static int look_first(int argc, char **argv, char **envp)
{
	look();
	return program_main(argc, argv, envp);
}

/* Constructors have run when main() is called, and the stubs with them. */
int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, int (*init)(int, char **, char **),
		      void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
	__typeof__(__libc_start_main) *real = dlsym(RTLD_NEXT, "__libc_start_main");

	program_main = main;
	return real(look_first, argc, argv, init, fini, rtld_fini, stack_end);
}

void *dlopen(const char *name, int flags)
{
	void *(*real)(const char *, int) = dlsym(RTLD_NEXT, "dlopen");
	void *handle = real(name, flags);

	if (handle)
		look();
	return handle;
}

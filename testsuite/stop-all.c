/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The floor of a tool that stops everything: stop-all PID... seizes all threads of a process, and then only interrupts,
 * awaits and lets go of each; and so the next process. It prints how long the last one stood, in nanoseconds: from the
 * first interrupt to the last detach. Whatever such a tool does to the process comes on top.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

static pid_t tids[65536];
static size_t count;

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int seize_all(const char *pid)
{
	char name[64];
	struct dirent *entry;

	snprintf(name, sizeof(name), "/proc/%s/task", pid);
	DIR *dir = opendir(name);
	count = 0;
	if (!dir)
		return -1;
	while ((entry = readdir(dir)) && count < sizeof(tids) / sizeof(*tids)) {
		pid_t tid = atoi(entry->d_name);
		if (tid > 0 && ptrace(PTRACE_SEIZE, tid, 0, 0) == 0)
			tids[count++] = tid;
	}
	closedir(dir);
	return count ? 0 : -1;
}

static int64_t stand(void)
{
	int64_t began = now();
	int status;

	for (size_t i = 0; i < count; i++)
		ptrace(PTRACE_INTERRUPT, tids[i], 0, 0);
	for (size_t i = 0; i < count; i++)
		waitpid(tids[i], &status, __WALL);
	for (size_t i = 0; i < count; i++)
		ptrace(PTRACE_DETACH, tids[i], 0, 0);
	return now() - began;
}

int main(int argc, char **argv)
{
	struct sched_param param = { .sched_priority = 50 };
	int64_t stood = 0;

	for (int i = 1; i < argc; i++) {
		if (seize_all(argv[i]) < 0)
			return perror("stop-all"), 1;
		if (i == 1)
			sched_setscheduler(0, SCHED_FIFO, &param);      /* as hp-ctl while its gate is closed; may fail */
		stood = stand();
	}
	printf("%lld\n", (long long)stood);
	return argc < 2;
}

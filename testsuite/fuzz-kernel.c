/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A kernel of one process, see fuzz-kernel.h. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "fuzz-kernel.h"
#include "../runtime/ctl.h"
#include "fuzz-start.h"

#define PAGE 4096
#define CALL_NS 2000                    /* what a call takes, and a byte that it gives */
#define BYTE_NS 0.25
#define FAILED 1000000                  /* a read that fails counts as so many bytes: limits are of time, tests are quick */

/* Descriptors of ours: FIRST + what * KERNEL_THREADS + thread. */
#define FIRST 1000000
enum what { DIRECTORY, MEMORY, MAPS, STAT, AUXV, LOADAVG, PAGEMAP, TASK, SYSCALL, SCHEDSTAT, NWHAT };
#define LAST (FIRST + NWHAT * KERNEL_THREADS)

static struct kernel *k;
static size_t offset[NWHAT];            /* of a text that is being read */
static char shown[KERNEL_TEXT + 64];    /* mappings */
static size_t shown_size;

void broken(const char *claim, int line)
{
	fprintf(stderr, "fuzz: line %d: not so: %s\n", line, claim);
	abort();
}

/* ---- the copy ---------------------------------------------------------------------------------------------------- */

static size_t text_of(const char *name, char *buf, size_t size)
{
	FILE *f = fopen(name, "r");
	size_t n = f ? fread(buf, 1, size - 1, f) : 0;

	if (f)
		fclose(f);
	buf[n] = '\0';
	return n;
}

/* What is zero from one end of a page to the other was never touched. */
static void find_present(struct kernel_part *p)
{
	static const uint8_t zero[PAGE];

	for (size_t page = 0; page < p->size / PAGE; page++)
		p->present[page] = memcmp(p->fresh + page * PAGE, zero, PAGE) != 0;
}

static void part_free(struct kernel_part *p)
{
	free(p->fresh);
	free(p->now);
	free(p->dirty);
	free(p->present);
}

static void copy_memory(struct kernel *new, int mem)
{
	char text[KERNEL_TEXT], *line = text, *end;
	unsigned long from, to;

	memcpy(text, new->fresh_maps, sizeof(text));
	for (; *line; line = end) {
		end = strchrnul(line, '\n');
		end += *end == '\n';
		CHECK(sscanf(line, "%lx-%lx", &from, &to) == 2);
		struct kernel_part *p = reallocarray(new->parts, new->nparts + 1, sizeof(*p));
		CHECK(p);
		new->parts = p;
		p += new->nparts;
		*p = (struct kernel_part){ .start = from, .size = to - from };
		p->fresh = malloc(p->size);
		p->now = malloc(p->size);
		p->dirty = calloc(p->size / PAGE, 1);
		p->present = calloc(p->size / PAGE, 1);
		CHECK(p->fresh && p->now && p->dirty && p->present);
		if (from > INT64_MAX || pread(mem, p->fresh, p->size, (off_t)from) != (ssize_t)p->size) {
			part_free(p);           /* not for readers */
			continue;
		}
		memcpy(p->now, p->fresh, p->size);
		find_present(p);
		new->nparts++;
	}
}

static void copy_threads(struct kernel *new)
{
	char name[64];
	struct dirent *entry;
	snprintf(name, sizeof(name), "/proc/%d/task", new->pid);
	DIR *dir = opendir(name);

	CHECK(dir);
	while ((entry = readdir(dir)) && new->nthreads < KERNEL_THREADS) {
		struct kernel_thread *t = &new->fresh_threads[new->nthreads];
		t->tid = atoi(entry->d_name);
		snprintf(name, sizeof(name), "/proc/%d/task/%.20s/syscall", new->pid, entry->d_name);
		if (t->tid <= 0 || !text_of(name, t->syscall, sizeof(t->syscall)))
			continue;
		const char *pc = strrchr(t->syscall, ' '), *sp = pc;
		CHECK(pc);
		while (sp > t->syscall && *--sp != ' ')
			continue;
		t->pc = strtoull(pc, NULL, 16);
		t->sp = strtoull(sp, NULL, 16);
		new->nthreads++;
	}
	closedir(dir);
	CHECK(new->nthreads);
}

static void wait_until_stopped(struct kernel *new)
{
	char name[64], state = 0;

	CHECK(!kill(new->pid, SIGSTOP));
	snprintf(name, sizeof(name), "/proc/%d/stat", new->pid);
	while (state != 'T') {
		text_of(name, new->stat, sizeof(new->stat));
		CHECK(sscanf(new->stat, "%*d (%*[^)]) %c", &state) == 1);
		usleep(1000);
	}
}

struct kernel *kernel_new(const char *program, const char *argument)
{
	struct kernel *new = calloc(1, sizeof(*new));
	char name[64];
	int mem;

	CHECK(new && !k);
	new->pid = start(program, argument);
	CHECK(new->pid > 0);
	usleep(20000);                  /* back to sleep, after what it said */
	wait_until_stopped(new);
	snprintf(name, sizeof(name), "/proc/%d/maps", new->pid);
	new->fresh_maps_size = text_of(name, new->fresh_maps, sizeof(new->fresh_maps));
	CHECK(new->fresh_maps_size < sizeof(new->fresh_maps) - 1);
	snprintf(name, sizeof(name), "/proc/%d/auxv", new->pid);
	new->auxv_size = text_of(name, new->auxv, sizeof(new->auxv));
	snprintf(name, sizeof(name), "/proc/%d/mem", new->pid);
	mem = open(name, O_RDONLY);
	CHECK(mem >= 0);
	copy_memory(new, mem);
	copy_threads(new);
	close(mem);
	kill(new->pid, SIGKILL);
	waitpid(new->pid, NULL, 0);
	return new;
}

/* ---- state ------------------------------------------------------------------------------------------------------- */

static void clean(struct kernel_part *p)
{
	for (size_t page = 0; page < p->size / PAGE; page++)
		if (p->dirty[page]) {
			memcpy(p->now + page * PAGE, p->fresh + page * PAGE, PAGE);
			p->dirty[page] = 0;
		}
}

void kernel_reset(struct kernel *new)
{
	k = new;
	if (!k)
		return;
	for (size_t i = 0; i < k->nparts; i++)
		clean(&k->parts[i]);
	memcpy(k->maps, k->fresh_maps, sizeof(k->maps));
	k->maps_size = k->fresh_maps_size;
	memcpy(k->threads, k->fresh_threads, sizeof(k->threads));
	memset(k->knobs, 0, sizeof(k->knobs));
	k->calls = k->bytes = k->clock = 0;
	k->frozen = false;
}

static struct kernel_part *part_at(const struct kernel *of, uint64_t addr)
{
	for (size_t i = 0; i < of->nparts; i++)
		if (addr - of->parts[i].start < of->parts[i].size)
			return &of->parts[i];
	return NULL;
}

uint8_t *kernel_at(struct kernel *of, uint64_t addr, size_t size, bool dirty)
{
	struct kernel_part *p = part_at(of, addr);

	if (!p || !size || size > p->size - (addr - p->start))
		return NULL;
	for (uint64_t page = (addr - p->start) / PAGE; dirty && page <= (addr - p->start + size - 1) / PAGE; page++)
		p->dirty[page] = 1;
	return p->now + (addr - p->start);
}

/* Every call comes here first. */
static void call(void)
{
	k->calls++;
	k->clock += CALL_NS;
	if (k->before_call)
		k->before_call();
}

static void gave(size_t bytes)
{
	k->bytes += bytes != FAILED ? bytes : 0;
	k->clock += (uint64_t)((double)bytes * BYTE_NS);
}

static bool is_ours(int fd, enum what *what, size_t *thread)
{
	if (!k || fd < FIRST || fd >= LAST)
		return false;
	*what = (enum what)((fd - FIRST) / KERNEL_THREADS);
	*thread = (size_t)(fd - FIRST) % KERNEL_THREADS;
	return true;
}

static int descriptor(enum what what, size_t thread)
{
	offset[what] = 0;
	return FIRST + (int)what * KERNEL_THREADS + (int)thread;
}

static struct kernel_thread *thread_of(pid_t tid)
{
	for (size_t i = 0; i < k->nthreads; i++)
		if (k->threads[i].tid == tid && k->threads[i].syscall[0])
			return &k->threads[i];
	return NULL;
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

#define REAL(type, name, ...) type __real_##name(__VA_ARGS__); type __wrap_##name(__VA_ARGS__)

REAL(int, open, const char *path, int flags, ...);
REAL(int, openat, int dir, const char *path, int flags, ...);
REAL(int, close, int fd);
REAL(ssize_t, read, int fd, void *buf, size_t size);
REAL(ssize_t, pread, int fd, void *buf, size_t size, off_t at);
REAL(ssize_t, pwrite, int fd, const void *buf, size_t size, off_t at);
REAL(DIR *, opendir, const char *path);
REAL(DIR *, fdopendir, int fd);
REAL(struct dirent *, readdir, DIR *dir);
REAL(int, closedir, DIR *dir);
REAL(int, fstat, int fd, struct stat *st);
REAL(int, ioctl, int fd, unsigned long request, ...);
REAL(long, ptrace, int request, ...);
REAL(pid_t, waitpid, pid_t tid, int *status, int options);
REAL(int, usleep, useconds_t us);
REAL(int, nanosleep, const struct timespec *time, struct timespec *left);
REAL(int, clock_gettime, clockid_t clock, struct timespec *time);
REAL(long, syscall, long number, ...);
REAL(int, sched_setscheduler, pid_t pid, int policy, const void *param);

/* The list of mappings as it is when it is opened, with one of 128 GB in its place where that is asked for. */
static void show_maps(void)
{
	static const char wide[] = "600000000000-602000000000 rw-p 00000000 00:00 0 \n";
	size_t at = k->maps_size, n = k->knobs[KNOB_WIDE] ? sizeof(wide) - 1 : 0;

	for (size_t i = 1; n && i < k->maps_size && at == k->maps_size; i++)
		if (k->maps[i - 1] == '\n' && k->maps[i] == '7')
			at = i;
	memcpy(shown, k->maps, at);
	memcpy(shown + at, wide, n);
	memcpy(shown + at + n, k->maps + at, k->maps_size - at);
	shown_size = k->maps_size + n;
}

/* NAME as /proc/PID has it, of any thread. */
static int open_name(const char *name)
{
	static const char *const names[] = { [MEMORY] = "mem", [MAPS] = "maps", [STAT] = "stat", [AUXV] = "auxv",
					     [PAGEMAP] = "pagemap", [TASK] = "task", [SYSCALL] = "syscall", [SCHEDSTAT] = "schedstat" };
	int tid = k->pid, skip = 0;
	struct kernel_thread *t;

	call();
	show_maps();
	if (sscanf(name, "task/%d/%n", &tid, &skip) != 1)
		skip = 0;
	t = thread_of(tid);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i] && !strcmp(name + skip, names[i]) && (!skip || t))
			return descriptor((enum what)i, t ? (size_t)(t - k->threads) : 0);
	errno = ENOENT;
	return -1;
}

int __wrap_open(const char *path, int flags, ...)
{
	va_list args;
	int mode, pid, skip = 0;

	va_start(args, flags);
	mode = va_arg(args, int);
	va_end(args);
	if (k && !strcmp(path, "/proc/loadavg"))
		return call(), descriptor(LOADAVG, 0);
	if (!k || sscanf(path, "/proc/%d%n", &pid, &skip) != 1)
		return __real_open(path, flags, mode);
	if (!path[skip] && pid == k->pid)
		return call(), descriptor(DIRECTORY, 0);
	return path[skip] ? open_name(path + skip + 1) : (errno = ENOENT, -1);
}

int __wrap_openat(int dir, const char *path, int flags, ...)
{
	va_list args;
	enum what what;
	size_t thread;
	int mode;

	va_start(args, flags);
	mode = va_arg(args, int);
	va_end(args);
	return is_ours(dir, &what, &thread) ? open_name(path) : __real_openat(dir, path, flags, mode);
}

int __wrap_close(int fd)
{
	enum what what;
	size_t thread;

	return is_ours(fd, &what, &thread) ? 0 : __real_close(fd);
}

static ssize_t give(enum what what, const char *text, size_t length, void *buf, size_t size)
{
	size_t n = length - offset[what] < size ? length - offset[what] : size;

	if (offset[what] >= length)
		return 0;
	if (n > PAGE)
		n = PAGE;               /* as the kernel does */
	memcpy(buf, text + offset[what], n);
	offset[what] += n;
	gave(n);
	return (ssize_t)n;
}

ssize_t __wrap_read(int fd, void *buf, size_t size)
{
	enum what what;
	size_t thread;
	char text[64];

	if (!is_ours(fd, &what, &thread))
		return __real_read(fd, buf, size);
	call();
	if (what == MAPS)
		return give(what, shown, shown_size, buf, size);
	if (what == AUXV)
		return give(what, k->auxv, k->auxv_size, buf, size);
	if (what == STAT)
		return give(what, k->stat, strlen(k->stat), buf, size);
	snprintf(text, sizeof(text), "0.1 0.1 0.1 1/100 %u\n", (unsigned)(k->pid + 10 + k->knobs[KNOB_BORN] % 100000));
	return give(what, text, strlen(text), buf, size);
}

static size_t give_memory(uint64_t addr, uint8_t *buf, size_t size)
{
	size_t done = 0;

	while (done < size) {
		size_t n = PAGE - (addr + done) % PAGE < size - done ? PAGE - (addr + done) % PAGE : size - done;
		const uint8_t *at = kernel_at(k, addr + done, n, false);
		if (!at)
			break;
		memcpy(buf + done, at, n);
		done += n;
	}
	return done;
}

/* What was written to is there, and nobody else's. Nearly all may be a hole, which takes no time. */
static ssize_t give_presence(uint64_t *bits, size_t count, uint64_t page)
{
	for (size_t i = 0; i < count; i++)
		bits[i] = k->knobs[KNOB_HUGE] ? 1ull << 63 : 0;
	for (size_t n = 0; n < k->nparts; n++) {
		const struct kernel_part *p = &k->parts[n];
		uint64_t from = p->start / PAGE, end = from + p->size / PAGE;
		for (uint64_t at = from > page ? from : page; at < end && at < page + count; at++)
			bits[at - page] = 1ull << 63 | (p->dirty[at - from] ? 1ull << 56 : 0);
	}
	return (ssize_t)(count * 8);
}

ssize_t __wrap_pread(int fd, void *buf, size_t size, off_t at)
{
	enum what what;
	size_t thread;
	char text[160];

	if (!is_ours(fd, &what, &thread))
		return __real_pread(fd, buf, size, at);
	call();
	struct kernel_thread *t = &k->threads[thread];
	if (what == MEMORY) {
		size_t limit = k->knobs[KNOB_SHORT] ? 512 + k->knobs[KNOB_SHORT] % 8192 : size;
		size_t n = give_memory((uint64_t)at, buf, limit < size ? limit : size);
		gave(n ? n : FAILED);
		return n ? (ssize_t)n : (errno = EIO, -1);
	}
	gave(size);
	if (what == PAGEMAP)
		return give_presence(buf, size / 8, (uint64_t)at / 8);
	if (what == SCHEDSTAT)
		snprintf(text, sizeof(text), "1 1 %llu\n", (unsigned long long)(t->runs += k->knobs[KNOB_SCHED] % 3));
	else
		snprintf(text, sizeof(text), "%s", t->syscall);
	if (!t->syscall[0])
		return errno = ESRCH, -1;
	size_t n = strlen(text) < size ? strlen(text) : size;
	memcpy(buf, text, n);
	return (ssize_t)n;
}

/* Does the list of mappings of the real process say that this may be written without force? */
static bool is_writable(uint64_t addr)
{
	unsigned long from, to;
	char w;

	for (const char *line = k->fresh_maps; *line; line = strchrnul(line, '\n') + 1)
		if (sscanf(line, "%lx-%lx %*c%c", &from, &to, &w) == 3 && addr >= from && addr < to)
			return w == 'w';
	return false;
}

static ssize_t take(uint64_t addr, const void *from, size_t size)
{
	uint8_t *to = kernel_at(k, addr, size, true);

	CHECK(!k->may_write || k->may_write(addr, size));
	if (!to)
		return errno = EIO, -1;
	if (k->frozen)
		return errno = ESRCH, -1;
	memcpy(to, from, size);
	return (ssize_t)size;
}

ssize_t __wrap_pwrite(int fd, const void *buf, size_t size, off_t at)
{
	enum what what;
	size_t thread;

	if (!is_ours(fd, &what, &thread))
		return __real_pwrite(fd, buf, size, at);
	call();
	if (k->knobs[KNOB_DENY] && !is_writable((uint64_t)at)) {
		k->knobs[KNOB_DENY] -= k->knobs[KNOB_DENY] == 1;
		return errno = EIO, -1;
	}
	return take((uint64_t)at, buf, size);
}

/* ---- threads ----------------------------------------------------------------------------------------------------- */

static size_t reading;                  /* of the directory of threads */

DIR *__wrap_fdopendir(int fd)
{
	enum what what;
	size_t thread;

	if (!is_ours(fd, &what, &thread))
		return __real_fdopendir(fd);
	reading = 0;
	return (DIR *)k;
}

/* Nobody but the threads of the process: /proc would list its numbers, too. */
DIR *__wrap_opendir(const char *path)
{
	if (!k || strcmp(path, "/proc"))
		return __real_opendir(path);
	call();
	reading = 0;
	return (DIR *)k;
}

struct dirent *__wrap_readdir(DIR *dir)
{
	static struct dirent entry;

	if (!k || dir != (DIR *)k)
		return __real_readdir(dir);
	call();
	if (reading >= k->nthreads)
		return NULL;
	snprintf(entry.d_name, sizeof(entry.d_name), "%d", k->threads[reading++].tid);
	return &entry;
}

int __wrap_closedir(DIR *dir)
{
	return k && dir == (DIR *)k ? 0 : __real_closedir(dir);
}

int __wrap_fstat(int fd, struct stat *st)
{
	enum what what;
	size_t thread;

	if (!is_ours(fd, &what, &thread))
		return __real_fstat(fd, st);
	memset(st, 0, sizeof(*st));
	return 0;
}

static long peek_or_poke(bool poke, uint64_t addr, uint64_t *word)
{
	const uint8_t *at = kernel_at(k, addr, 8, false);

	if (!at)
		return errno = EIO, -1;
	if (poke)
		return take(addr, word, 8) == 8 ? 0 : -1;
	memcpy(word, at, 8);
	return 0;
}

long __wrap_ptrace(int request, ...)
{
	va_list args;
	va_start(args, request);
	pid_t tid = va_arg(args, pid_t);
	uint64_t addr = va_arg(args, uint64_t), data = va_arg(args, uint64_t), word;
	struct kernel_thread *t = k ? thread_of(tid) : NULL;

	va_end(args);
	if (!k)
		return __real_ptrace(request, tid, addr, data);
	call();
	if (!t)
		return errno = ESRCH, -1;
	switch (request) {
	case PTRACE_SEIZE:
		errno = (int)(k->knobs[KNOB_SEIZE] % 128);
		return errno ? -1 : 0;
	case PTRACE_INTERRUPT:
		t->waits = 1 + k->knobs[KNOB_WAIT];
		return 0;
	case PTRACE_GETREGS:
		*(struct user_regs_struct *)data = (struct user_regs_struct){
			.rsp = t->sp, .rip = t->pc, .rax = k->knobs[KNOB_RAX], .orig_rax = k->knobs[KNOB_CALL] - 1 };
		return 0;
	case PTRACE_PEEKDATA:
		return peek_or_poke(false, addr, &word) ? -1 : (errno = 0, (long)word);
	case PTRACE_POKEDATA:
		return peek_or_poke(true, addr, &data);
	}
	return 0;
}

pid_t __wrap_waitpid(pid_t tid, int *status, int options)
{
	struct kernel_thread *t = k ? thread_of(tid) : NULL;

	if (!k)
		return __real_waitpid(tid, status, options);
	call();
	if (!t || !t->waits)
		return errno = ECHILD, -1;
	/* Nobody may be waited for without a limit: a thread in vfork() does not stop before its child lets it. */
	CHECK(options & WNOHANG);
	if (--t->waits)
		return 0;
	*status = (PTRACE_EVENT_STOP << 16 | SIGTRAP << 8 | 0x7f) + (int)k->knobs[KNOB_STATUS];
	return tid;
}

/* kcmp() has five, and nobody calls another. */
long __wrap_syscall(long number, ...)
{
	va_list args;
	long a[5];

	va_start(args, number);
	for (unsigned i = 0; i < 5; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (!k || number != SYS_kcmp)
		return __real_syscall(number, a[0], a[1], a[2], a[3], a[4]);
	call();
	return k->knobs[KNOB_SHARED] || a[0] == a[1] ? 0 : (errno = ESRCH, -1);
}

int __wrap_sched_setscheduler(pid_t pid, int policy, const void *param)
{
	return k ? 0 : __real_sched_setscheduler(pid, policy, param);
}

/* ---- what is present --------------------------------------------------------------------------------------------- */

struct scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};
struct scan_region { uint64_t start, end, categories; };

static int list_present(struct scan_arg *arg, struct scan_region *r)
{
	const struct kernel_part *p = part_at(k, arg->start);
	int n = 0;

	for (uint64_t at = arg->start; p && at < arg->end && at - p->start < p->size && n < (int)arg->vec_len; at += PAGE) {
		if (!p->present[(at - p->start) / PAGE] && !p->dirty[(at - p->start) / PAGE])
			continue;
		if (n && r[n - 1].end == at)
			r[n - 1].end += PAGE;
		else
			r[n++] = (struct scan_region){ at, at + PAGE, 0 };
	}
	return n;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	enum what what;
	size_t thread;
	struct scan_arg *arg;
	int n = 0;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (!is_ours(fd, &what, &thread))
		return __real_ioctl(fd, request, arg);
	call();
	if (k->knobs[KNOB_OLD])
		return errno = ENOTTY, -1;
	struct scan_region *r = (void *)(uintptr_t)arg->vec;
	arg->walk_end = arg->end;
	if (k->knobs[KNOB_HUGE])
		r[n++] = (struct scan_region){ arg->start, arg->end, 0 };
	else
		n = list_present(arg, r);
	return n;
}

/* ---- time -------------------------------------------------------------------------------------------------------- */

int __wrap_usleep(useconds_t us)
{
	if (!k)
		return __real_usleep(us);
	call();
	k->clock += 1000ull * us;
	return 0;
}

int __wrap_nanosleep(const struct timespec *time, struct timespec *left)
{
	if (!k)
		return __real_nanosleep(time, left);
	call();
	k->clock += (uint64_t)time->tv_sec * 1000000000 + (uint64_t)time->tv_nsec;
	return 0;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
	if (!k || clock != CLOCK_MONOTONIC)
		return __real_clock_gettime(clock, time);
	call();
	*time = (struct timespec){ .tv_sec = (time_t)(k->clock / 1000000000), .tv_nsec = (long)(k->clock % 1000000000) };
	return 0;
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

REAL(bool, memory_has_room, const struct proc *p, uint64_t bytes);

bool __wrap_memory_has_room(const struct proc *p, uint64_t bytes)
{
	return k ? !k->knobs[KNOB_FULL] || bytes < k->knobs[KNOB_FULL] : __real_memory_has_room(p, bytes);
}

/* SPDX-License-Identifier: MIT */
/* Looking at threads and memory for code ranges, see ctl-stack.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "ctl-stack.h"

#define STACK_MAX (64u << 20)           /* more than this above a stack pointer is not read */

uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* ---- ranges ------------------------------------------------------------------------------------------------------ */

int ranges_add(struct ranges *r, uint64_t start, uint64_t end, const char *name, bool entry)
{
	if (start >= end)
		return 0;
	if (r->count == r->room) {
		size_t room = r->room ? 2 * r->room : 32;
		struct range *list = reallocarray(r->list, room, sizeof(*list));
		if (!list)
			return -1;
		r->list = list;
		r->room = room;
	}
	r->list[r->count++] = (struct range){ .start = start, .end = end, .name = name, .entry = entry };
	return 0;
}

int ranges_add_data(struct ranges *r, uint64_t start, uint64_t end)
{
	size_t count = r->count;

	if (ranges_add(r, start, end, "data of the patch", false))
		return -1;
	if (r->count > count)
		r->list[count].data = true;
	return 0;
}

void ranges_hide(struct ranges *r, uint64_t start, uint64_t end)
{
	r->hidden = start;
	r->hidden_end = end;
}

static int by_start(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* Overlapping ranges become one: a search then needs to look at one only. */
void ranges_sort(struct ranges *r)
{
	size_t kept = 0;

	if (r->count == 0)
		return;
	qsort(r->list, r->count, sizeof(*r->list), by_start);
	for (size_t i = 1; i < r->count; i++) {
		struct range *last = &r->list[kept];
		if (r->list[i].start >= last->end) {
			r->list[++kept] = r->list[i];
			continue;
		}
		last->data = last->data && r->list[i].data;
		last->entry = last->entry && (r->list[i].entry || r->list[i].start > last->start);
		last->end = r->list[i].end > last->end ? r->list[i].end : last->end;
	}
	r->count = kept + 1;
}

const struct range *ranges_find(const struct ranges *r, uint64_t value)
{
	size_t low = 0, high = r->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (r->list[mid].end <= value)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == r->count || value < r->list[low].start || (r->list[low].entry && value == r->list[low].start))
		return NULL;
	return &r->list[low];
}

uint64_t ranges_low(const struct ranges *r)
{
	return r->count ? r->list[0].start : 0;
}

uint64_t ranges_span(const struct ranges *r)
{
	return r->count ? r->list[r->count - 1].end - r->list[0].start : 0;
}

void ranges_free(struct ranges *r)
{
	free(r->list);
	*r = (struct ranges){0};
}

/* ---- one thread -------------------------------------------------------------------------------------------------- */

uint64_t thread_ran(const struct thread *t, uint64_t *runs)
{
	char buf[96], *last;
	ssize_t n = t->schedstat < 0 ? -1 : pread(t->schedstat, buf, sizeof(buf) - 1, 0);

	*runs = UINT64_MAX;
	if (n <= 0)
		return 0;
	buf[n] = '\0';
	last = strrchr(buf, ' ');
	*runs = last ? strtoull(last, NULL, 10) : 0;
	if (!*runs)                     /* the kernel does not count */
		*runs = UINT64_MAX;
	return strtoull(buf, NULL, 10);
}

uint64_t thread_runs(const struct thread *t)
{
	uint64_t runs;

	thread_ran(t, &runs);
	return runs;
}

/* 1: stands still, *sp and *pc set; 0: running; -1: gone. "running", "-1 SP PC" (halted) or "NUMBER ARG... SP PC". */
static int asleep(struct thread *t, uint64_t *sp, uint64_t *pc)
{
	char buf[256], *at;
	ssize_t n = pread(t->syscall, buf, sizeof(buf) - 1, 0);

	if (n <= 0)
		return n < 0 && errno == EPERM ? 0 : -1;
	buf[n] = '\0';
	t->halted = buf[0] == '-' && !hp_broken("halted");
	t->signalled = t->halted && halted_by_signal(t->tid);
	if (buf[0] == 'r')
		return 0;
	at = strrchr(buf, ' ');
	if (!at)
		return -1;
	*pc = strtoull(at, NULL, 16);
	*at = '\0';
	at = strrchr(buf, ' ');
	*sp = strtoull(at ? at : buf, NULL, 16);
	return 1;
}

static uint64_t words[32768];

/* Scans [from, to) for words that point into a range. 1: t->in set; 0: none; -1: part of it cannot be read. */
static int scan_words(const struct proc *p, const struct ranges *r, uint64_t from, uint64_t to, struct thread *t)
{
	uint64_t low = ranges_low(r), span = ranges_span(r);

	while (from < to) {
		size_t want = to - from < sizeof(words) ? to - from : sizeof(words);
		size_t n = proc_read_some(p, from, words, want);
		for (size_t i = 0; i < n / 8; i++)
			if (words[i] - low < span && (t->in = ranges_find(r, words[i]))) {
				t->where = words[i];
				return 1;
			}
		if (n < want)
			return -1;
		from += n;
	}
	return 0;
}

static bool points_inside(struct thread *t, const struct ranges *r, uint64_t value)
{
	t->in = ranges_find(r, value);
	t->where = value;
	return t->in;
}

/* An unwinder takes a landing pad's address from the stack into a register and jumps. Data that is pointed to means
 * nothing: registers of a loop may never change. */
static bool is_on_the_way(struct thread *t, const struct ranges *r, const struct registers *at)
{
	for (size_t i = 0; i < sizeof(at->general) / sizeof(*at->general) && !hp_broken("registers"); i++)
		if (points_inside(t, r, at->general[i]) && !t->in->data)
			return true;
	return false;
}

/* What a thread that stands there is doing. */
static enum look judge(struct thread *t, struct proc *p, const struct ranges *r, const struct registers *at)
{
	const struct map *map;

	if (points_inside(t, r, at->pc) || is_on_the_way(t, r, at))
		return LOOK_INSIDE;
	if (at->sp == 0 && at->pc == 0)
		return LOOK_OUT;        /* a worker of the kernel: never in user mode */
	t->sp = at->sp;
	map = maps_find(&p->maps, at->sp);
	if (!map && proc_read_maps(p) == 0)
		map = maps_find(&p->maps, at->sp);      /* a new stack */
	if (!map || !map->read || map->end - at->sp > STACK_MAX)
		return LOOK_BLIND;
	t->moved = t->moved || (t->stack && t->stack != map->start);
	t->stack = map->start;
	t->stack_end = map->end;
	/* Not the red zone below it: a function that has one calls nobody, and what is there is left over from
	 * others. */
	switch (scan_words(p, r, at->sp & ~7ull, map->end, t)) {
	case 0:
		return LOOK_OUT;
	case 1:
		return hp_broken("stacks") ? LOOK_OUT : LOOK_INSIDE;
	}
	return LOOK_BLIND;
}

/* The count is read before and after: if it moved, what was read in between means nothing. */
void thread_look(struct thread *t, struct proc *p, const struct ranges *r)
{
	struct registers at = {0};
	uint64_t runs = thread_runs(t);
	int state = asleep(t, &at.sp, &at.pc);

	t->runs = UINT64_MAX;
	if (state <= 0) {
		t->look = state < 0 ? LOOK_GONE : LOOK_RUNNING;
		return;
	}
	t->look = judge(t, p, r, &at);
	if (t->halted && at.pc && t->look == LOOK_OUT && (!t->denied || halted_may_jump(p, at.pc)))
		t->look = LOOK_RUNNING;
	if (runs == UINT64_MAX)
		return;                 /* no count: true for now, to be looked at again */
	if (thread_runs(t) == runs)
		t->runs = runs;
	else
		t->look = LOOK_RUNNING;
}

/* ---- all threads ------------------------------------------------------------------------------------------------- */

/* The last process number given out; 0 when the kernel does not say. */
static uint64_t last_pid(void)
{
	char buf[128], *last;
	int fd = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return 0;
	buf[n] = '\0';
	last = strrchr(buf, ' ');
	return last ? strtoull(last, NULL, 10) : 0;
}

static int open_file(pid_t tid, const char *file)
{
	char name[64];

	snprintf(name, sizeof(name), "/proc/%d/task/%d/%s", tid, tid, file);
	return open(name, O_RDONLY | O_CLOEXEC);
}

static int add_thread(struct threads *t, pid_t tid)
{
	if (t->count == t->room) {
		size_t room = t->room ? 2 * t->room : 64;
		struct thread *list = reallocarray(t->list, room, sizeof(*list));
		if (!list)
			return -1;
		t->list = list;
		t->room = room;
	}
	struct thread *new = &t->list[t->count];
	*new = (struct thread){ .tid = tid, .runs = UINT64_MAX, .look = LOOK_RUNNING, .status = -1 };
	new->syscall = open_file(tid, "syscall");
	new->schedstat = open_file(tid, "schedstat");
	if (new->syscall < 0) {
		int error = errno;
		if (new->schedstat >= 0)
			close(new->schedstat);
		errno = error;
		return error == ENOENT || error == ESRCH ? 0 : -1;
	}
	t->count++;
	return 0;
}

int threads_open(struct threads *t, const struct proc *p)
{
	pid_t *tids;
	size_t count;
	int result = 0;

	trace_sweep();
	*t = (struct threads){ .cursor = last_pid() };
	if (proc_threads(p, &tids, &count) < 0)
		return -1;
	for (size_t i = 0; i < count && result == 0; i++)
		result = add_thread(t, tids[i]);
	free(tids);
	if (result == 0 && t->count == 0)
		result = -1, errno = ESRCH;
	if (result < 0) {
		int error = errno;
		threads_close(t);
		errno = error;
	}
	return result;
}

void threads_close(struct threads *t)
{
	for (size_t i = 0; i < t->count; i++) {
		trace_leave(&t->list[i]);
		close(t->list[i].syscall);
		if (t->list[i].schedstat >= 0)
			close(t->list[i].schedstat);
		if (t->list[i].status >= 0)
			close(t->list[i].status);
	}
	free(t->list);
	*t = (struct threads){0};
}

void threads_precheck(struct threads *t, struct proc *p, const struct ranges *r)
{
	for (size_t i = 0; i < t->count; i++)
		thread_look(&t->list[i], p, r);
}

static bool is_listed(const struct threads *t, pid_t tid)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->list[i].tid == tid)
			return true;
	return false;
}

/* Numbers began anew, or too many were given out to ask for each: all threads are listed again. */
static bool add_unlisted(struct threads *t, const struct proc *p, bool *any)
{
	pid_t *tids;
	size_t count;
	bool done = proc_all_threads(p, &tids, &count) == 0;

	for (size_t i = 0; done && i < count; i++) {
		if (is_listed(t, tids[i]))
			continue;
		done = add_thread(t, tids[i]) == 0;
		*any = true;
	}
	free(tids);
	return done;
}

/* The kernel gives out numbers in order, so few have to be asked. */
bool threads_add_born(struct threads *t, const struct proc *p, bool *any)
{
	uint64_t now = last_pid(), from = t->cursor;
	bool gone;

	*any = false;
	t->cursor = now;
	if (now == from && now)
		return true;
	if (!now || now < from || now - from > 2000)
		return add_unlisted(t, p, any);
	for (uint64_t pid = from + 1; pid <= now; pid++) {
		if (proc_compare_vm((pid_t)pid, p->tid, &gone) || gone)
			continue;
		if (add_thread(t, (pid_t)pid) < 0)
			return false;
		*any = true;
	}
	return true;
}

void thread_ask(struct thread *t)
{
	t->denied = !trace_seize(t);
	if (!t->denied)
		trace_interrupt(t);
}

bool thread_collect(struct threads *t, struct thread *who, struct proc *p, const struct ranges *r)
{
	struct registers at;

	if (!who->stopping) {           /* somebody else traces it: hope that it falls asleep */
		thread_look(who, p, r);
		return who->look != LOOK_RUNNING;
	}
	switch (trace_stopped(who, &at)) {
	case 0:
		return false;
	case 1:
		who->look = judge(who, p, r, &at);
		who->ran = !who->halted;
		who->runs = thread_runs(who);
		if (who->look != LOOK_OUT || at.pc - t->hold >= t->hold_end - t->hold)
			trace_release(who);
		return true;
	}
	who->look = LOOK_GONE;
	return true;
}

/* The stop itself comes later, when the thread is next on a processor: first ask all, then wait. */
static void ask_running(struct threads *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->list[i].look == LOOK_RUNNING && !t->list[i].stopping)
			thread_ask(&t->list[i]);
}

/* Takes the stops that have come, and the sleeps; true when nobody is left running. */
static bool collect(struct threads *t, struct proc *p, const struct ranges *r)
{
	bool all = true;

	for (size_t i = 0; i < t->count; i++)
		if (t->list[i].look == LOOK_RUNNING)
			all = thread_collect(t, &t->list[i], p, r) && all;
	return all;
}

void threads_settle(struct threads *t)
{
	uint64_t deadline = now_ns() + 2000000000ull;

	for (size_t i = 0; i < t->count; i++) {
		struct registers at;
		while (t->list[i].stopping && trace_stopped(&t->list[i], &at) == 0 && now_ns() < deadline)
			usleep(200);
		trace_release(&t->list[i]);
	}
}

/* Until nobody is LOOK_RUNNING. */
static bool look_at_running(struct threads *t, struct proc *p, const struct ranges *r, uint64_t deadline)
{
	static const struct timespec moment = { .tv_nsec = 10000 };

	ask_running(t);
	while (!collect(t, p, r)) {
		if (now_ns() > deadline)
			return false;
		/* Not a busy loop: they may need this very processor to come to a stop. */
		nanosleep(&moment, NULL);
	}
	return true;
}

void threads_look_again(struct threads *t, struct proc *p, const struct ranges *r)
{
	for (size_t i = 0; i < t->count; i++) {
		struct thread *who = &t->list[i];
		if (who->look == LOOK_OUT && who->runs != UINT64_MAX && thread_runs(who) == who->runs)
			continue;
		if (who->look != LOOK_GONE)
			thread_look(who, p, r);
	}
}

static void sleep_ns(uint64_t time)
{
	nanosleep(&(struct timespec){ .tv_nsec = (long)(time < 999999999 ? time : 999999999) }, NULL);
}

static void sleep_until(uint64_t time)
{
	uint64_t now = now_ns();

	if (now < time)
		sleep_ns(time - now);
}

bool threads_recheck(struct threads *t, struct proc *p, const struct ranges *r, uint64_t deadline)
{
	bool born, done;

	threads_look_again(t, p, r);
	sleep_until(t->grace);
	if (t->picky && threads_kept_off(t) > MOMENT_OFF)
		return false;
	done = look_at_running(t, p, r, deadline) && threads_add_born(t, p, &born);
	/* Only the newborn are looked at here: the others are proved, and nobody can get inside any more. */
	while (done && born)
		done = look_at_running(t, p, r, deadline) && threads_add_born(t, p, &born);
	return done;
}

bool threads_drain(struct threads *t, struct proc *p, const struct ranges *r, uint64_t pause, uint64_t deadline)
{
	static const struct timespec moment = { .tv_nsec = 10000 };

	for (size_t i = 0; i < t->count; i++) {
		struct thread *who = &t->list[i];
		if (who->look != LOOK_INSIDE)
			continue;
		if (!who->ran)
			return false;
		/* Asked to stop before it was on a processor again it would stop where it stands. */
		while (thread_runs(who) == who->runs && now_ns() < deadline)
			nanosleep(&moment, NULL);
		who->look = LOOK_RUNNING;
	}
	sleep_ns(pause);
	return look_at_running(t, p, r, deadline);
}

enum look threads_worst(const struct threads *t, const struct thread **who)
{
	static const int weight[] = {
		[LOOK_OUT] = 0, [LOOK_GONE] = 0, [LOOK_RUNNING] = 1, [LOOK_BLIND] = 2, [LOOK_INSIDE] = 3
	};
	enum look worst = LOOK_OUT;

	*who = NULL;
	for (size_t i = 0; i < t->count; i++)
		if (weight[t->list[i].look] > weight[worst]) {
			worst = t->list[i].look;
			*who = &t->list[i];
		}
	return worst;
}

bool threads_moved(const struct threads *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->list[i].moved)
			return true;
	return false;
}

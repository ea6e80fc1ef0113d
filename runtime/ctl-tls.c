/* SPDX-License-Identifier: MIT */
/*
 * Zeros again in the room for new thread-local variables.
 *
 * A patch that was taken back leaves values there in each thread, and the next one counts on zeros. Only the thread's
 * own registers tell where its block is, and only while the thread stands still it is sure that the block stays its
 * own. So each is stopped, one by one, for as long as that takes (ctl-trace.c); whoever is born meanwhile starts with
 * zeros.
 *
 * In a program the block is at a fixed distance from the thread pointer. For a library the thread has a table (dtv)
 * with a pointer for each module; it is read as glibc lays it out:
 *
 *   thread pointer -> { itself, dtv }     dtv[-1] = length; dtv[number] = { block, or -1 while there is none; ... }
 *                                         dtv[0] = generation: what was loaded since then is not in it
 *
 * In which generation a module came stands in a list of the dynamic linker's own (slotinfo), for which glibc publishes
 * the offsets, _thread_db_NAME, each as { bits, elements, offset }, for debuggers. It tells, too, who has the number
 * now. Left out: other C libraries.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <unistd.h>
#include "ctl-job.h"
#include "ctl-stack.h"

#define ROOM_MAX 65536                  /* as the plugin allows */
#define STOP_NS 200000000ull
#define LISTS_MAX 64                    /* of slotinfo; the first has 64 entries */
#define ENTRY 16                        /* bytes of a dtv's entry */

struct room {
	const struct proc *p;
	uint64_t offset, size;          /* in the module's block */
	bool program;
	uint64_t distance;              /* program: of the block's start from the thread pointer, below it */
	uint64_t number, generation;    /* else: of the module */
};

static bool is_program(const struct proc *p, const struct module *m)
{
	uint64_t aux[128];
	ssize_t n = proc_read_file(p->dir, "auxv", (char *)aux, sizeof(aux));

	for (ssize_t i = 0; i + 1 < n / 8; i += 2)
		if (aux[i] == AT_PHDR)
			return aux[i + 1] >= m->low && aux[i + 1] < m->high;
	return false;
}

/* What glibc publishes under NAME: word N of it, 0: size in bits, 2: offset. */
static bool published(struct job *j, const char *name, unsigned n, uint32_t *value)
{
	uint64_t at;

	return bind_resolve(j, name, "", &at) == 0 &&
	       proc_read(j->proc, at + n * sizeof(*value), value, sizeof(*value));
}

static bool offset_of(struct job *j, const char *name, uint64_t base, uint64_t *at)
{
	uint32_t offset;

	if (!published(j, name, 2, &offset))
		return false;
	*at = base + offset;
	return true;
}

/* The word at the place of that name in the structure at BASE. */
static bool word_of(struct job *j, const char *name, uint64_t base, uint64_t *word)
{
	uint64_t at;

	return offset_of(j, name, base, &at) && proc_read(j->proc, at, word, sizeof(*word));
}

/* The slotinfo of module NUMBER. */
static bool slot_find(struct job *j, uint64_t number, uint64_t *slot)
{
	uint64_t global, list, length;
	uint32_t size;

	if (bind_resolve(j, "_rtld_global", "", &global) < 0 ||
	    !word_of(j, "_thread_db_rtld_global__dl_tls_dtv_slotinfo_list", global, &list) ||
	    !published(j, "_thread_db_sizeof_dtv_slotinfo", 0, &size))
		return false;
	for (unsigned i = 0; i < LISTS_MAX; i++, number -= length) {
		if (!word_of(j, "_thread_db_dtv_slotinfo_list_len", list, &length))
			return false;
		if (number < length)
			return offset_of(j, "_thread_db_dtv_slotinfo_list_slotinfo", list + number * size, slot);
		if (!word_of(j, "_thread_db_dtv_slotinfo_list_next", list, &list))
			return false;
	}
	return false;
}

static bool generation_find(struct job *j, struct room *r)
{
	uint64_t slot, map;
	uint32_t bits;
	struct { uint64_t addr, name, dynamic; } entry;

	return published(j, "_thread_db_dtv_dtv", 0, &bits) && bits == 8 * ENTRY && slot_find(j, r->number, &slot) &&
	       word_of(j, "_thread_db_dtv_slotinfo_map", slot, &map) &&
	       proc_read(j->proc, map, &entry, sizeof(entry)) &&
	       entry.dynamic == j->module->dynamic && word_of(j, "_thread_db_dtv_slotinfo_gen", slot, &r->generation);
}

static enum ctl_cause unknown(struct job *j, const char *why)
{
	job_detail(j, "%s", why);
	return CAUSE_TLS;
}

static enum ctl_cause room_find(struct job *j, struct room *r)
{
	const struct module *m = j->module;
	uint64_t align = m->tls_align ? m->tls_align : 1;

	*r = (struct room){ .p = j->proc, .offset = m->tls, .size = m->registry.tls_left,
			    .program = is_program(j->proc, m) };
	if (r->size > ROOM_MAX || r->offset > m->tls_size || r->size > m->tls_size - r->offset)
		return unknown(j, "the registry says more than there is room");
	r->distance = (m->tls_size + align - 1) / align * align;
	if (!r->program && (!bind_tls_number(j, &r->number) || !generation_find(j, r)))
		return unknown(j, "the C library is not glibc");
	return CAUSE_NONE;
}

static bool word_at(const struct room *r, uint64_t at, uint64_t *word)
{
	return proc_read(r->p, at, word, sizeof(*word));
}

/* *at: the room of the thread with thread pointer TP, 0: it has none. False when that does not look like a thread. */
static bool room_of(const struct room *r, uint64_t tp, uint64_t *at)
{
	uint64_t self, dtv, length, generation, block;

	*at = 0;
	if (!tp)
		return true;
	if (!word_at(r, tp, &self) || self != tp)
		return false;
	if (r->program) {
		*at = tp - r->distance + r->offset;
		return true;
	}
	if (!word_at(r, tp + 8, &dtv) || !word_at(r, dtv - ENTRY, &length) || !word_at(r, dtv, &generation))
		return false;
	if (r->number > length || (generation < r->generation && !hp_broken("tls-generation")))
		return true;
	if (!word_at(r, dtv + ENTRY * r->number, &block) || !block)
		return false;
	*at = block == UINT64_MAX ? 0 : block + r->offset;
	return true;
}

static bool make_zero(const struct room *r, uint64_t at)
{
	static const uint8_t zero[ROOM_MAX];
	static uint8_t was[ROOM_MAX];

	if (!at)
		return true;
	if (!proc_read(r->p, at, was, r->size))
		return false;
	return hp_broken("tls-zero") || !memcmp(was, zero, r->size) || pwrite(r->p->mem, zero, r->size, (off_t)at) == (ssize_t)r->size;
}

static bool stop(struct thread *t)
{
	uint64_t deadline = now_ns() + STOP_NS;
	struct registers at;

	if (!trace_seize(t))
		return false;
	trace_interrupt(t);
	while (t->stopping && trace_stopped(t, &at) == 0 && now_ns() < deadline)
		usleep(20);
	return t->stopped;
}

/* A thread that has ended needs nothing. */
static bool is_gone(const struct job *j, const struct thread *t)
{
	char path[64];

	snprintf(path, sizeof(path), "task/%d", t->tid);
	return faccessat(j->proc->dir, path, F_OK, 0) < 0;
}

static bool clear_thread(const struct room *r, const struct thread *t)
{
	uint64_t at;

	errno = 0;
	long tp = ptrace(PTRACE_PEEKUSER, t->tid, offsetof(struct user_regs_struct, fs_base), 0);
	return !errno && room_of(r, (uint64_t)tp, &at) && make_zero(r, at);
}

static enum ctl_cause clear_threads(struct job *j, const struct room *r, struct threads *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct thread *t = &list->list[i];
		bool done = stop(t) && clear_thread(r, t);

		trace_release(t);
		if (!done && !is_gone(j, t)) {
			job_detail(j, "thread %d cannot be stopped, or is none of the C library's", t->tid);
			return CAUSE_TLS;
		}
	}
	return CAUSE_NONE;
}

enum ctl_cause tls_clear(struct job *j)
{
	static const uint32_t none;
	struct threads threads;
	struct room r;
	enum ctl_cause cause = room_find(j, &r);

	if (cause)
		return cause;
	if (threads_open(&threads, j->proc) < 0)
		return job_gone_or(j, CAUSE_UNSTABLE);
	cause = clear_threads(j, &r, &threads);
	threads_settle(&threads);
	threads_close(&threads);
	ctl_step("tls");
	if (cause)
		return job_gone_or(j, cause);
	return job_write_registry(j, offsetof(struct hp_registry, tls_left), &none, sizeof(none));
}

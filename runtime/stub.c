/* SPDX-License-Identifier: MIT */
/*
 * The startup stub: applies STORE/BUILD-ID.hp.o to the module that it stands in, before any constructor of that module.
 *
 * Problem: it runs in every process that loads the module, before the C library may be used, under sandboxes and with
 * other people's environment; and nearly always there is no patch. Method: no C library, no relocations, no data of its
 * own (make-blob sees to that); when there is no patch, it costs one open() that fails, and the mmap() of the room that
 * hp-ctl may need later. A patch is read into memory of its own, so that nobody changes it behind the check, and is
 * trusted for who owns the file, not for its contents. All checks come before the first write; what is refused leaves
 * the program as it is and gives one line.
 *
 * A coldpatched module (hp-diff) carries its patch; only the boot record is left to be run here.
 *
 * Left out: the environment under a C library that passes no arguments to constructors (musl), so that only the
 * built-in store serves there; code that runs before all constructors (IFUNC resolvers, _init); running processes
 * (hp-ctl).
 */
#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "own.h"
#include "start.h"
#include "sys.h"

#define PAGE 4096ULL
#define PATH_SIZE 512
#define FILE_LIMIT (1ULL << 30)

/* The patch file that belongs to this module. */
struct store_file {
	char path[PATH_SIZE];
	int fd;
	const void *bytes;              /* all of it, private */
	uint64_t size;
	const struct hp_patch *patch;   /* checked */
};

/* ---- the file ---------------------------------------------------------------------------------------------------- */

/* STORE/BUILD-ID.hp.o, and where its directory part ends; 0 when it is too long. */
static uint64_t make_path(char *path, const char *store, const struct own *o)
{
	static const char suffix[] = ".hp.o", digits[] = "0123456789abcdef";
	uint64_t slash = text_length(store), n = slash + 1;

	if (slash + 1 + 2 * o->build_id_size + sizeof suffix > PATH_SIZE)
		return 0;
	bytes_copy(path, store, slash);
	path[slash] = '/';
	for (uint32_t i = 0; i < o->build_id_size; i++) {
		path[n++] = digits[o->build_id[i] >> 4];
		path[n++] = digits[o->build_id[i] & 15];
	}
	bytes_copy(path + n, suffix, sizeof suffix);
	return slash;
}

/* A patch that is there but can't be opened is a refusal; a store that this process may not enter holds nothing. */
static enum hp_fault why_not_open(char *path, uint64_t slash, long error)
{
	long reachable;

	if (error == -ELOOP && !hp_broken("stub-open"))
		return FAULT_SYMLINK;
	if (error == -ENOENT || error == -ENOTDIR || error == -EPERM || error == -ENOSYS)
		return FAULT_NONE;
	if (error != -EACCES)
		return FAULT_OPEN;
	path[slash] = 0;
	reachable = sys3(__NR_faccessat, AT_FDCWD, (long)path, X_OK);
	path[slash] = '/';
	return reachable == 0 ? FAULT_OPEN : FAULT_NONE;
}

static enum hp_fault check_trust(const struct start *s, const struct stat *st)
{
	if (hp_broken("stub-trust"))
		return FAULT_NONE;
	if (!S_ISREG(st->st_mode))
		return FAULT_IRREGULAR;
	if (st->st_uid && !(s->store_is_ours && st->st_uid == s->uid))
		return FAULT_OWNER;
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return FAULT_MODE;
	return (uint64_t)st->st_size > FILE_LIMIT ? FAULT_LARGE : FAULT_NONE;
}

/* With FAULT_NONE and a negative descriptor there is no patch. A FIFO must not hold the program up: O_NONBLOCK. */
static enum hp_fault file_open(struct store_file *f, const struct start *s, const struct own *o)
{
	uint64_t slash = make_path(f->path, s->store, o);
	long fd;

	f->fd = -1;
	f->bytes = f->patch = NULL;
	if (!slash) {
		f->path[0] = 0;
		return FAULT_STORE;
	}
	fd = sys_open(f->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return why_not_open(f->path, slash, fd);
	f->fd = fd;
	return FAULT_NONE;
}

static enum hp_fault file_read(struct store_file *f, const struct start *s)
{
	struct stat st;
	uint64_t at;
	enum hp_fault fault;

	if (sys3(__NR_fstat, f->fd, (long)&st, 0) < 0)
		return FAULT_FILE;
	fault = check_trust(s, &st);
	if (fault)
		return fault;
	if (!st.st_size)
		return FAULT_NOT_ELF;
	at = sys_mmap(0, st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at > SYS_MMAP_FAILED)
		return FAULT_FILE;
	f->bytes = (const void *)at;
	f->size = st.st_size;
	for (uint64_t done = 0; done < f->size;) {
		long n = sys_pread(f->fd, (char *)at + done, f->size - done, done);

		if (n == 0)
			return FAULT_TRUNCATED;
		if (n < 0)
			return FAULT_FILE;
		done += n;
	}
	return FAULT_NONE;
}

static void file_close(struct store_file *f)
{
	if (f->bytes)
		sys_munmap(f->bytes, f->size);
	if (f->fd >= 0)
		sys_close(f->fd);
}

/* ---- the patch --------------------------------------------------------------------------------------------------- */

static enum hp_fault find_patch(struct store_file *f)
{
	const void *section;
	uint64_t size;
	enum hp_fault fault = hp_patch_find(f->bytes, f->size, &section, &size);

	if (!fault)
		fault = hp_patch_check(section, size);
	if (!fault)
		fault = hp_patch_check_segments(section, f->bytes, f->size);
	if (!fault)
		f->patch = section;
	return fault;
}

static struct hp_bounds note_bounds(const struct own *o, const struct hp_note *note)
{
	uint64_t at = (uint64_t)note - o->target.base;

	return hp_bounds(at + note->arena, at + note->arena_end, at + note->reserve, at + note->reserve_end);
}

static enum hp_fault check_module(const struct hp_patch *p, const struct own *o, const struct hp_note *note)
{
	struct hp_bounds b = note_bounds(o, note);
	uint64_t at = (uint64_t)note - o->target.base;

	if (hp_broken("stub-module"))
		return FAULT_NONE;
	if (p->build_id_size != o->build_id_size || !bytes_equal(p->build_id, o->build_id, o->build_id_size))
		return FAULT_BUILD_ID;
	if (p->note != at || p->registry != at + note->registry || p->arena != b.arena || p->arena_end != b.arena_end ||
	    p->reserve != b.reserve || p->reserve_end != at + note->reserve_end)
		return FAULT_NOTE;
	return FAULT_NONE;
}

/*
 * Where code of a patch that outgrows the arena will stand, should this process be given one while it runs (hp-ctl):
 * the upper half of the reserve becomes executable. Nothing in the process can write to it, which is why sandboxes that
 * forbid memory both writable and executable let it pass; an anonymous mapping that is not writable counts for no limit
 * on memory but its addresses, which it had before. Where it is denied all the same, such patches take effect at
 * startup only. Once per process: later hp-ctl may have put a patch there.
 */
static bool map_code_room(const struct own *o, const struct hp_note *note)
{
	uint64_t end = ((uint64_t)note + note->reserve_end) & -HP_PAGE_SIZE;
	uint64_t at = o->target.base + note_bounds(o, note).reserve_end;

	return at < end && !hp_broken("stub-room") && sys_mmap(at, end - at, PROT_READ | PROT_EXEC,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) == at;
}

/* The pages of a segment come from the file, which stays mapped. */
static bool map_segment(const struct hp_segment *s, int fd, uint64_t base)
{
	uint64_t at = base + s->addr;

	return !s->filesz || sys_mmap(at, s->filesz, s->prot, MAP_PRIVATE | MAP_FIXED, fd, s->file) == at;
}

static enum hp_fault map_segments(struct own *o, const struct store_file *f)
{
	for (uint32_t i = 0; i < f->patch->nsegment && !hp_broken("stub-map"); i++)
		if (!map_segment(&hp_patch_segments(f->patch)[i], f->fd, o->target.base))
			return FAULT_MAP;
	o->patch = f->patch;
	return FAULT_NONE;
}

static uint64_t seconds_now(void)
{
	struct timespec now = { 0, 0 };

	sys3(__NR_clock_gettime, CLOCK_REALTIME, (long)&now, 0);
	return now.tv_sec;
}

/* A write that fails half-way is unlikely after own_open(); what is done is taken back as far as it goes. */
static enum hp_fault apply(struct engine *e, struct own *o, const struct store_file *f, const struct hp_note *note)
{
	enum hp_fault fault = engine_check(e);

	if (!fault && !own_open(o, f->patch->arena))
		fault = FAULT_WRITE;
	if (!fault)
		fault = map_segments(o, f);
	if (!fault) {
		e->since = seconds_now();
		fault = engine_apply(e);
		if (fault) {
			if (!hp_broken("stub-undo"))
				engine_revert(e);
			o->patch = NULL;
		}
	}
	if (fault && f->patch->nsegment)
		map_code_room(o, note);
	own_close(o);
	return fault;
}

/* ---- what it says ------------------------------------------------------------------------------------------------ */

static void say_refused(const struct start *s, const char *what, const char *name, enum hp_fault fault,
			const char *unbound)
{
	start_say(s, &(struct start_line) { {
		"cannot ", what, " '", name, "': ", hp_fault_text(fault), unbound ? " '" : NULL, unbound, "'"
	} });
}

static void say_done(const struct start *s, const char *what, const char *path, const char *label)
{
	start_debug(s, &(struct start_line) { { what, " '", path, label ? "' (" : "'", label, ")" } });
}

/* ---- the two ways ------------------------------------------------------------------------------------------------ */

static void apply_from_store(struct start *s, struct own *o, const struct hp_note *note, const struct hp_registry *r)
{
	struct store_file f;
	struct engine e = { .target = &o->target, .resolve = bind_symbol, .resolve_ctx = &s->scope };
	enum hp_fault fault = file_open(&f, s, o);

	if (!fault && f.fd < 0) {
		say_done(s, "no patch", f.path, NULL);
		return;
	}
	if (!fault)
		fault = file_read(&f, s);
	if (!fault)
		fault = find_patch(&f);
	if (!fault)
		fault = check_module(f.patch, o, note);
	if (!fault && r->cold && !hp_broken("stub-carried")) {
		say_done(s, bytes_equal(r->id, f.patch->id, HP_ID_SIZE) ? "the file carries" :
			 "the file carries another patch than", f.path, NULL);
	} else if (!fault) {
		e.patch = f.patch;
		fault = apply(&e, o, &f, note);
		if (!fault)
			say_done(s, "applied", f.path, hp_patch_at(f.patch, f.patch->label));
	}
	if (fault)
		say_refused(s, "apply", f.path[0] ? f.path : s->store, fault, e.unbound);
	file_close(&f);
}

/* The file's entries lead into new code already: what can't be bound is said, and is missed when it is called. */
static void boot_cold(struct start *s, struct own *o, const struct hp_note *note, struct hp_registry *r)
{
	struct hp_bounds bounds = note_bounds(o, note);
	const struct hp_boot *boot = (const void *)(o->target.base + r->boot);
	const char *unbound = NULL;
	enum hp_fault fault = FAULT_NONE;

	if (r->boot && !hp_broken("stub-cold")) {
		fault = range_inside(r->boot, 0, bounds.arena, bounds.arena_end) ?
			hp_boot_check(boot, bounds.arena_end - r->boot, &bounds) : FAULT_BOOT;
		if (!fault && !own_open(o, bounds.arena))
			fault = FAULT_WRITE;
		if (!fault)
			fault = boot_run(&o->target, boot, bind_symbol, &s->scope, &unbound);
		if (!fault || fault == FAULT_ELSEWHERE)
			fault = boot_values(&o->target, boot, false) ? FAULT_WRITE : fault;
		own_close(o);
	}
	r->booted = 1;
	if (fault)
		say_refused(s, "start the patch that the file carries,", r->label, fault, unbound);
	else
		say_done(s, "started the patch that the file carries,", r->label, NULL);
}

/* Called by the module's .preinit_array or .init_array, perhaps twice. NOTE and STORE are the module's own. */
void hp_stub(long argc, char **argv, char **envp, const struct hp_note *note, const char *store);

__attribute__((section(".text.entry"), used))
void hp_stub(long argc, char **argv, char **envp, const struct hp_note *note, const char *store)
{
	struct hp_registry *r = (void *)((char *)note + note->registry);
	struct start s;
	struct own o;

	(void)envp;
	if (note->version != HP_ABI_VERSION || r->magic != HP_REGISTRY_MAGIC || r->version != HP_ABI_VERSION)
		return;
	if ((r->booted || (r->state != HP_EMPTY && !r->cold)) && !hp_broken("stub-twice"))
		return;
	start_init(&s, argc, argv, store);
	if (!own_init(&o, note)) {
		start_debug(&s, &(struct start_line) { { "no build-id" } });
		return;
	}
	s.scope.base = o.target.base;
	if (r->cold)
		boot_cold(&s, &o, note, r);
	else if (!r->code_room)
		r->code_room = map_code_room(&o, note);
	apply_from_store(&s, &o, note, r);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fuzz target of what hp-ctl reads of a process: the text of its maps, modules in its memory, its link map. For
 * libFuzzer (clang -fsanitize=fuzzer,address,undefined); with -DMAIN it makes RUNS inputs itself, or reads files:
 *
 *   fuzz-ctl RUNS SEED
 *   fuzz-ctl FILE...
 *
 * The process is a real one, PROGRAM of the environment: built with the plugin, it writes a byte when it is in main()
 * and sleeps (fuzz-sleeper.c). Damage is written into its memory, hp-ctl's functions look at it, and it is taken back.
 * So that damage gets behind the checks of magic numbers, an input is a list of struct edit: a place in a structure that
 * hp-ctl reads, and what to do there. An input that begins with 'M' is the text of the maps.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define READS_MAX 5000                                  /* of a search for symbols; undamaged it takes 200 */
#include "../runtime/ctl-bind.c"
#include "fuzz-input.h"
#include "fuzz-start.h"

#define AREAS_MAX 64
#define EDITS_MAX 64
#define TEXT_MAX 65536
#define READ_MAX (65536 + 4 * 4096)                     /* bytes, to find out about one mapping */
#define CHECK(claim) ((claim) ? (void)0 : broken(#claim, __LINE__))

enum how { SET, ADD, POINT, POINT_UNBASED, NHOW };      /* in memory */
enum text_how { REPLACE, CUT, REMOVE, REPEAT, NTEXT };  /* in the text of the maps */

struct edit {
	uint8_t area;                   /* which; one more than there are: the text */
	uint8_t how;                    /* 2 bits: log2 of the size; the rest: what */
	uint16_t offset;                /* in the area */
	uint64_t value;                 /* POINT: an area and, shifted by 8, an offset in it */
} __attribute__((packed));

struct undo { uint64_t at, old; };

static struct proc proc;
static struct { uint64_t at, size; } areas[AREAS_MAX];
static size_t nareas;
static uint64_t base;
static char text[TEXT_MAX], fresh[TEXT_MAX];
static size_t text_size, fresh_size;
static int text_fd;
static char text_name[64];
static FILE *nowhere;
static size_t found;                                    /* modules, in the last input */

static void broken(const char *claim, int line)
{
	fprintf(stderr, "fuzz-ctl.c:%d: not so: %s\n", line, claim);
	abort();
}

/* ---- the process ------------------------------------------------------------------------------------------------- */

static void area(uint64_t at, uint64_t size)
{
	if (at && nareas < AREAS_MAX)
		areas[nareas].at = at, areas[nareas++].size = size;
}

/* What a search for symbols reads of one object. */
static void areas_of_object(const struct object *o)
{
	area(o->dynamic, 512);
	area(o->gnu_hash, 64);
	area(o->symtab, 480);
	area(o->versym, 64);
	area(o->verdef, 128);
	area(o->jmprel, 96);
	area(o->rela, 96);
}

static void areas_of_list(const struct module *m)
{
	uint64_t dynamic = program_dynamic(&proc), at = link_map(&proc);
	struct { uint64_t addr, name, ld, next, prev; } entry;

	CHECK(dynamic == m->dynamic && at);
	for (unsigned i = 0; i < 8 && at && proc_read(&proc, at, &entry, sizeof(entry)); i++, at = entry.next) {
		struct bind b = { .p = &proc, .reads = READS_MAX };
		struct object o = { .base = entry.addr, .dynamic = entry.ld };
		area(at, sizeof(entry));
		if (object_read(&b, &o))
			areas_of_object(&o);
	}
}

static void areas_find(void)
{
	const struct module *m = &proc.modules[0];
	Elf64_Ehdr e;

	base = m->base;
	CHECK(proc_read(&proc, m->low, &e, sizeof(e)));
	area(m->low, sizeof(e));
	area(m->low + e.e_phoff, e.e_phnum * sizeof(Elf64_Phdr));
	area(base + m->note - 24, 24);
	area(base + m->note, sizeof(struct hp_note));
	area(base + m->registry_at, sizeof(struct hp_registry));
	area(base + m->reserve, sizeof(struct hp_hooks));
	areas_of_list(m);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *program = getenv("PROGRAM");

	(void)argc;
	(void)argv;
	CHECK(program);
	CHECK(!proc_open(&proc, start(program, NULL)));
	modules_find(&proc);
	CHECK(proc.nmodules == 1);
	areas_find();
	fresh_size = (size_t)proc_read_file(proc.dir, "maps", fresh, sizeof(fresh));
	text_fd = memfd_create("maps", 0);
	snprintf(text_name, sizeof(text_name), "/proc/self/fd/%d", text_fd);
	nowhere = fopen("/dev/null", "w");
	CHECK(fresh_size < sizeof(fresh) && text_fd >= 0 && nowhere);
	return 0;
}

/* ---- damage ------------------------------------------------------------------------------------------------------ */

static uint64_t edited(const struct edit *e, uint64_t old)
{
	uint64_t to = areas[(e->value & 0xff) % nareas].at + (int64_t)e->value / 256 % 4096;

	switch ((e->how >> 2) % NHOW) {
	case SET: return e->value;
	case ADD: return old + e->value;
	case POINT: return to;
	default: return to - base;
	}
}

static void edit_memory(const struct edit *e, struct undo *u)
{
	size_t size = 1u << (e->how & 3);
	uint64_t new_;

	u->at = areas[e->area % (nareas + 1)].at + e->offset % areas[e->area % (nareas + 1)].size / size * size;
	CHECK(pread(proc.mem, &u->old, 8, (off_t)u->at) == 8);
	new_ = edited(e, u->old);
	CHECK(pwrite(proc.mem, &new_, size, (off_t)u->at) == (ssize_t)size);
}

static void edit_text(const struct edit *e)
{
	size_t at = text_size ? e->offset % text_size : 0, n = e->value % 128;

	n = n < text_size - at ? n : text_size - at;
	switch ((e->how >> 2) % NTEXT) {
	case REPLACE:
		if (text_size - at >= 8)
			memcpy(text + at, &e->value, 1u << (e->how & 3));
		break;
	case CUT:
		text_size = at;
		break;
	case REMOVE:
		memmove(text + at, text + at + n, text_size - at - n);
		text_size -= n;
		break;
	case REPEAT:
		if (text_size + n <= TEXT_MAX) {
			memmove(text + at + n, text + at, text_size - at);
			text_size += n;
		}
	}
}

static size_t damage(const uint8_t *data, size_t size, struct undo *undo)
{
	size_t n = 0;

	memcpy(text, fresh, fresh_size);
	text_size = fresh_size;
	if (size && data[0] == 'M') {
		text_size = size - 1 < TEXT_MAX ? size - 1 : TEXT_MAX;
		memcpy(text, data + 1, text_size);
		return 0;
	}
	for (struct edit e; n < EDITS_MAX && size >= sizeof(e); data += sizeof(e), size -= sizeof(e)) {
		memcpy(&e, data, sizeof(e));
		if (e.area % (nareas + 1) == nareas)
			edit_text(&e);
		else
			edit_memory(&e, &undo[n++]);
	}
	return n;
}

static void repair(const struct undo *undo, size_t n)
{
	while (n--)
		CHECK(pwrite(proc.mem, &undo[n].old, 8, (off_t)undo[n].at) == 8);
}

/* ---- effort ------------------------------------------------------------------------------------------------------ */

struct effort { unsigned long long bytes, calls; };

/* What was read by this process up to now. */
static struct effort effort_now(void)
{
	struct effort e;
	char buf[512] = "";

	CHECK(proc_read_file(AT_FDCWD, "/proc/self/io", buf, sizeof(buf)) > 0);
	CHECK(sscanf(buf, "rchar: %llu wchar: %*u syscr: %llu", &e.bytes, &e.calls) == 2);
	return e;
}

/* ---- looking ----------------------------------------------------------------------------------------------------- */

static void look_at_maps(void)
{
	const struct maps *maps = &proc.maps;
	uint64_t last = 0;

	for (size_t i = 0; i < maps->count; i++) {
		const struct map *m = &maps->list[i];
		CHECK(m->start >= last && m->start < m->end);
		CHECK(m->name >= maps->text && m->name + strlen(m->name) < maps->text + maps->text_room);
		CHECK(maps_find(maps, m->start) == m && maps_find(maps, m->end - 1) == m && maps_find(maps, m->end) != m);
		CHECK(maps_cover(maps, m->start, m->end - m->start, m->write, m->exec) == m->read);
		last = m->end;
	}
	CHECK(!maps_find(maps, last));
}

/* What may be written to is inside of the module, whatever it says. */
static void look_at_module(struct module *m)
{
	struct json j = { .out = nowhere };
	uint64_t registry = m->base + m->registry_at;

	CHECK(m->low < m->high && m->build_id_size && m->build_id_size <= sizeof(m->build_id) && m->path);
	CHECK(m->base + m->arena >= m->low && m->arena < m->arena_end && m->base + m->arena_end <= m->high);
	CHECK(m->base + m->reserve >= m->low && m->reserve <= m->reserve_end && m->base + m->reserve_end <= m->high);
	CHECK(registry >= m->low && registry + sizeof(struct hp_registry) <= m->high);
	CHECK(maps_cover(&proc.maps, registry, sizeof(struct hp_registry), true, false));
	json_open(&j, NULL, '{');
	json_string(&j, module_state(m), m->registry.label);
	json_string(&j, hooks_word(m) ? hooks_word(m) : "", m->path);
	json_string(&j, hex(m->build_id, m->build_id_size), printable(m->registry.label));
	json_close(&j, '}');
}

static void look_for_modules(void)
{
	struct effort before = effort_now();
	size_t files = 0;

	for (size_t i = 0; i < proc.maps.count; i++)
		files += !proc.maps.list[i].offset && proc.maps.list[i].inode;
	modules_find(&proc);
	CHECK(effort_now().bytes - before.bytes <= files * READ_MAX + 1024);
	for (size_t i = 0; i < proc.nmodules; i++)
		look_at_module(&proc.modules[i]);
}

static void look_for_symbols(struct module *m)
{
	static const char *const names[][2] = {
		{ "write", "" }, { "write", "GLIBC_2.2.5" }, { "strlen", "" }, { "strlen", "GLIBC_2.2.5" }, { "main", "X" },
	};
	struct job j = { .proc = &proc, .module = m };
	struct effort before = effort_now();
	uint64_t value;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		bind_resolve(&j, names[i][0], names[i][1], &value);
	CHECK(effort_now().calls - before.calls <= 2 * READS_MAX + 1000);
	CHECK(!j.bind || j.bind->nscope <= j.bind->count);
	bind_close(j.bind);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct undo undo[EDITS_MAX];
	size_t n = damage(data, size, undo);

	CHECK(!ftruncate(text_fd, 0) && pwrite(text_fd, text, text_size, 0) == (ssize_t)text_size);
	CHECK(!maps_read(&proc.maps, AT_FDCWD, text_name));
	look_at_maps();
	look_for_modules();
	found = proc.nmodules;
	if (found)
		look_for_symbols(&proc.modules[0]);
	modules_release(&proc);
	repair(undo, n);
	return 0;
}

/* ---- making inputs ----------------------------------------------------------------------------------------------- */

/* Half of them where modules are recognized. */
static struct edit any_edit(void)
{
	return (struct edit) {
		(uint8_t)any(any(2) ? 6 : (uint32_t)nareas + 1), (uint8_t)any(256), (uint16_t)any(65536), any_value(256)
	};
}

#ifndef MAIN
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed);

/* Text and every other list as libFuzzer would; else one more edit, or another for one. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
	struct edit e;
	size_t count = size / sizeof(e), at;

	state = seed;
	if (any(2) || (size && data[0] == 'M') || room < (count + 1) * sizeof(e))
		return LLVMFuzzerMutate(data, size, room);
	at = any((uint32_t)count + 1);
	e = any_edit();
	memcpy(data + at * sizeof(e), &e, sizeof(e));
	return (at == count ? count + 1 : count) * sizeof(e);
}
#else
/* One to four edits. Is there still a module? */
static bool one(void)
{
	struct edit list[4];
	size_t n = 1 + any(4);

	for (size_t i = 0; i < n; i++)
		list[i] = any_edit();
	LLVMFuzzerTestOneInput((const uint8_t *)list, n * sizeof(*list));
	return found;
}

static void replay(const char *path)
{
	static uint8_t bytes[TEXT_MAX];
	FILE *f = fopen(path, "rb");

	CHECK(f);
	LLVMFuzzerTestOneInput(bytes, fread(bytes, 1, sizeof(bytes), f));
	fclose(f);
}

int main(int argc, char **argv)
{
	int runs = argc == 3 ? atoi(argv[1]) : 0, taken = 0;

	LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 0; i < runs; i++) {
		state = strtoull(argv[2], NULL, 0) + (uint64_t)i;
		any(1);
		taken += one();
	}
	for (int i = 1; !runs && i < argc; i++, taken += found > 0)
		replay(argv[i]);
	printf("taken %d of %d\n", taken, runs ? runs : argc - 1);
	fclose(nowhere);
	proc_close(&proc);
	return 0;
}
#endif

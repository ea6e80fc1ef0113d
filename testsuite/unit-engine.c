/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Unit test of reader and engine over a module that is an array, so that every write is seen and may be made to fail.
 * Prints TAP. In the module: arena at 0x1000, reserve at 0x2000, registry at 0x3000, unwind pairs at 0x3804, code at
 * 0x4000.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/bytes.h"
#include "runtime/engine.h"

#define SPACE 0x5000
#define SECTION 2048
#define BASE 0x7f0000000000

enum { ARENA = 0x1000, RESERVE = 0x2000, REGISTRY = 0x3000, UNWIND = 0x3804, CODE = 0x4000 };

static int tests, failed;

__attribute__((format(printf, 2, 3)))
static void ok(bool good, const char *format, ...)
{
	va_list args;

	printf("%sok %d - ", good ? "" : "not ", ++tests);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	failed += !good;
}

static void is_fault(enum hp_fault seen, enum hp_fault wanted, const char *name)
{
	ok(seen == wanted, "%s", name);
	if (seen != wanted)
		printf("# seen: %s\n# wanted: %s\n", hp_fault_text(seen), hp_fault_text(wanted));
}

static void is_number(uint64_t seen, uint64_t wanted, const char *name)
{
	ok(seen == wanted, "%s", name);
	if (seen != wanted)
		printf("# seen: %#lx\n# wanted: %#lx\n", (long)seen, (long)wanted);
}

/* ---- the module -------------------------------------------------------------------------------------------------- */

static uint8_t fresh[SPACE], memory[SPACE];
static unsigned nwrites, writes_allowed;        /* the write after the last one that is allowed fails */
static bool arena_is_deaf;                      /* writes to the arena are taken, and never arrive */
static uint64_t last_addr, last_size, entry_writes, torn_entry_writes, torn_pair_writes;

static int memory_read(struct target *t, uint64_t addr, void *to, uint64_t size)
{
	(void)t;
	if (!range_fits(addr, size, SPACE))
		return -1;
	memcpy(to, memory + addr, size);
	return 0;
}

/* A write to an entry must come as one: a byte or an aligned quadword. */
static void watch_entries(uint64_t addr, uint64_t size)
{
	if (addr < CODE)
		return;
	entry_writes++;
	if (size != 1 && !(size == 8 && addr % 8 == 0))
		torn_entry_writes++;
}

/* So must each word of a pair, which it does in a write that begins with an aligned quadword. */
static void watch_pairs(uint64_t addr, uint64_t size)
{
	if (addr + size > UNWIND && addr < UNWIND + 0x100)
		torn_pair_writes += size % 8 || addr % 8;
}

static int memory_write(struct target *t, uint64_t addr, const void *from, uint64_t size)
{
	(void)t;
	if (!range_fits(addr, size, SPACE) || nwrites >= writes_allowed)
		return -1;
	nwrites++;
	last_addr = addr;
	last_size = size;
	watch_entries(addr, size);
	watch_pairs(addr, size);
	if (arena_is_deaf && addr >= ARENA && addr < ARENA + 0x1000)
		return 0;
	memcpy(memory + addr, from, size);
	return 0;
}

static struct target target = { memory_read, memory_write, BASE, TARGET_RUNS, NULL };

static void module_reset(void)
{
	struct hp_registry *r = (void *)(fresh + REGISTRY);

	memset(fresh, 0, SPACE);
	memset(fresh + ARENA, 0xcc, 0x1000);
	memset(fresh + UNWIND, 0x11, 0x100);
	memset(fresh + CODE, 0x90, 0x1000);
	r->magic = HP_REGISTRY_MAGIC;
	r->version = HP_ABI_VERSION;
	memcpy(memory, fresh, SPACE);
	nwrites = 0;
	entry_writes = torn_entry_writes = torn_pair_writes = 0;
	writes_allowed = -1U;
	arena_is_deaf = false;
}

static struct hp_registry *registry(void)
{
	return (void *)(memory + REGISTRY);
}

/* Is the module as it was, but for the registry's generation? */
static bool module_is_fresh(void)
{
	struct hp_registry r = *registry();

	r.generation = 0;
	return !memcmp(&r, fresh + REGISTRY, sizeof r) && !memcmp(memory, fresh, REGISTRY) &&
	       !memcmp(memory + REGISTRY + sizeof r, fresh + REGISTRY + sizeof r, SPACE - REGISTRY - sizeof r);
}

/* ---- the patch --------------------------------------------------------------------------------------------------- */

static _Alignas(16) uint8_t section[SECTION];
static struct hp_patch *const patch = (void *)section;
static struct hp_write *writes;

struct boot {
	struct hp_boot head;
	struct hp_init init[1];
	struct hp_rel rel[1];
	struct hp_bind bind[2];
	struct hp_copy copy[1];
	char text[32];
};

#define WRITES_AT 256                           /* of the section */
#define BOOT_AT 512                             /* image bytes behind it */
#define BYTES_AT 1024

static void make_boot(struct boot *b)
{
	*b = (struct boot) {
		.head = { HP_BOOT_MAGIC, sizeof *b, offsetof(struct boot, init), 1, offsetof(struct boot, rel), 1,
			  offsetof(struct boot, bind), 2, offsetof(struct boot, copy), 1 },
		.init = { { RESERVE + 8, offsetof(struct boot, text), 4 } },
		.rel = { { RESERVE, RESERVE + 8 } },
		.bind = { { RESERVE + 16, 5, offsetof(struct boot, text), offsetof(struct boot, text) + 6, 0, 0 },
			  { RESERVE + 24, 5, offsetof(struct boot, text) + 10, 0, 0, 1 } },
		.copy = { { RESERVE + 32, CODE, 3 } },
		.text = "puts\0\0V_1\0absent",
	};
}

static void patch_sign(void)
{
	hp_patch_id(patch, patch->id);
}

/* Boot record and 300 bytes of code; two unwind pairs; two rooms, one across a quadword; an entry of 8 and one of 1. */
static void patch_make(void)
{
	memset(section, 0, SECTION);
	*patch = (struct hp_patch) {
		.magic = "HOTPATC", .version = HP_ABI_VERSION, .size = SECTION, .build_id_size = 20, .label = 504,
		.note = 0x100, .arena = ARENA, .arena_end = ARENA + 0x1000, .reserve = RESERVE,
		.reserve_end = RESERVE + 0x1000, .registry = REGISTRY,
		.boot = ARENA, .arena_used = 0x400, .write = WRITES_AT, .nwrite = 8
	};
	memcpy(patch->magic, HP_PATCH_MAGIC, 8);
	memcpy(section + 504, "a label", 8);
	make_boot((void *)(section + BOOT_AT));
	for (unsigned i = BYTES_AT; i < SECTION - 1; i++)
		section[i] = i * 7;
	writes = (void *)(section + WRITES_AT);
	writes[0] = (struct hp_write) { ARENA, sizeof(struct boot), HP_IMAGE, 0, BOOT_AT };
	writes[1] = (struct hp_write) { ARENA + 0x200, 300, HP_IMAGE, 0, BYTES_AT };
	writes[2] = (struct hp_write) { UNWIND + 8, 8, HP_UNWIND, BYTES_AT + 400, BYTES_AT + 408 };
	writes[3] = (struct hp_write) { UNWIND, 8, HP_UNWIND, BYTES_AT + 400, BYTES_AT + 408 };
	writes[4] = (struct hp_write) { CODE + 0x13, 5, HP_ROOM, BYTES_AT + 416, BYTES_AT + 424 };
	writes[5] = (struct hp_write) { CODE + 0x26, 5, HP_ROOM, BYTES_AT + 416, BYTES_AT + 424 };
	writes[6] = (struct hp_write) { CODE + 0x10, 8, HP_ENTRY, BYTES_AT + 416, BYTES_AT + 432 };
	writes[7] = (struct hp_write) { CODE + 0x2b, 1, HP_ENTRY, BYTES_AT + 416, BYTES_AT + 432 };
	memset(section + BYTES_AT + 400, 0x11, 8);
	memset(section + BYTES_AT + 416, 0x90, 8);
	memcpy(section + BYTES_AT + 424, "\xe9\1\2\3\4", 5);
	memset(section + BYTES_AT + 432, 0x90, 8);
	memcpy(section + BYTES_AT + 432, "\xeb\xf9", 2);
	patch_sign();
}

static int resolve(void *ctx, const char *name, const char *version, uint64_t *value)
{
	(void)ctx;
	if (strcmp(name, "puts") || strcmp(version, "V_1"))
		return -1;
	*value = 0x1000;
	return 0;
}

static struct engine engine;

static void engine_reset(void)
{
	engine = (struct engine) { .target = &target, .patch = patch, .resolve = resolve, .since = 77 };
}

static void reset(void)
{
	module_reset();
	patch_make();
	engine_reset();
}

static uint64_t word(uint64_t addr)
{
	uint64_t value;

	memcpy(&value, memory + addr, 8);
	return value;
}

/* ---- tests of the engine ----------------------------------------------------------------------------------------- */

static enum hp_fault check_and_apply(void)
{
	enum hp_fault fault = engine_check(&engine);

	return fault ? fault : engine_apply(&engine);
}

static void test_apply(void)
{
	reset();
	is_fault(hp_patch_check(section, SECTION), FAULT_NONE, "a good patch is accepted");
	is_fault(engine_check(&engine), FAULT_NONE, "check");
	is_number(nwrites, 0, "checking writes nothing");
	is_fault(engine_apply(&engine), FAULT_NONE, "apply");
	ok(!memcmp(memory + ARENA + 0x200, section + BYTES_AT, 300), "the image is there");
	ok(!memcmp(memory + CODE + 0x10, "\xeb\xf9\x90\xe9\1\2\3\4", 8), "an entry keeps the room in its quadword");
	ok(memory[CODE + 0x2b] == 0xeb && memory[CODE + 0x2c] == 0x90, "an entry of one byte");
	ok(!memcmp(memory + CODE + 0x26, "\xe9\1\2\3\4", 5), "a room across a quadword");
	ok(!memcmp(memory + RESERVE + 8, "puts", 4), "initial value");
	is_number(word(RESERVE), BASE + RESERVE + 8, "pointer");
	is_number(word(RESERVE + 16), 0x1005, "import with its addend");
	is_number(word(RESERVE + 24), 0, "a weak import that nobody defines is 0, without an addend");
	is_number(word(RESERVE + 32), word(CODE) + 3, "a word of the module, with what is added");
	ok(registry()->state == HP_ACTIVE && registry()->booted && registry()->boot == ARENA &&
	   registry()->since == 77 && registry()->generation == 1 &&
	   !registry()->cold && !strcmp(registry()->label, "a label") &&
	   !memcmp(registry()->id, patch->id, HP_ID_SIZE), "the registry tells it");
	engine_check(&engine);
	is_number(engine.census.new_[HP_IMAGE] + engine.census.new_[HP_UNWIND] + engine.census.new_[HP_ROOM] +
		  engine.census.new_[HP_ENTRY], 8, "all records are new");
}

static void test_again(void)
{
	uint8_t once[SPACE];

	reset();
	check_and_apply();
	memcpy(once, memory, SPACE);
	is_fault(check_and_apply(), FAULT_NONE, "apply again");
	registry()->generation = 1;
	ok(!memcmp(once, memory, SPACE), "makes no difference");
}

static void test_revert(void)
{
	reset();
	check_and_apply();
	is_fault(engine_revert(&engine), FAULT_NONE, "revert");
	memset(memory + RESERVE, 0, 0x1000);            /* variables keep their values */
	ok(module_is_fresh(), "every byte is back");
	is_number(registry()->generation, 2, "the generation goes on");
}

/* Cut off after each number of writes; then another run completes or undoes it. */
static void test_killed(bool undo)
{
	unsigned all, bad = 0;

	reset();
	check_and_apply();
	all = nwrites;
	for (unsigned n = 0; n < all; n++) {
		reset();
		writes_allowed = n;
		if (check_and_apply() != FAULT_WRITE)
			bad++;
		writes_allowed = -1U;
		engine_reset();
		if (undo ? engine_revert(&engine) : check_and_apply())
			bad++;
		memset(memory + RESERVE, 0, undo ? 0x1000 : 0);
		if (undo ? !module_is_fresh() : registry()->state != HP_ACTIVE || memory[CODE + 0x10] != 0xeb)
			bad++;
	}
	ok(!bad, "killed after each of %u writes: the next run %s it", all, undo ? "undoes" : "completes");
}

static void test_torn_image(void)
{
	reset();
	memcpy(memory + ARENA + 0x200, section + BYTES_AT, 100);
	is_fault(check_and_apply(), FAULT_NONE, "an image that was cut short is completed");
	ok(!memcmp(memory + ARENA + 0x200, section + BYTES_AT, 300), "all of it");
}

static void test_read_back(void)
{
	reset();
	arena_is_deaf = true;
	is_fault(check_and_apply(), FAULT_WRITE, "an image that does not arrive");
	ok(!entry_writes, "no entry leads to it");
}

static void refuses(enum hp_fault wanted, const char *name)
{
	is_fault(engine_check(&engine), wanted, name);
	ok(!nwrites, "... before any write");
}

static void test_refusals(void)
{
	reset();
	memory[CODE + 0x11] = 0;
	refuses(FAULT_BYTES, "entry bytes that are neither old nor new");
	is_number(engine.bad, CODE + 0x10, "... with the place");
	reset();
	memory[ARENA + 0x210] = 0x55;
	refuses(FAULT_BYTES, "an arena that is not empty");
	reset();
	memory[UNWIND] = 0;
	refuses(FAULT_BYTES, "an unwind pair that differs");
	reset();
	memory[CODE + 0x17] = 0xcc;
	engine.patch = patch;
	refuses(FAULT_BYTES, "a breakpoint in a room");
	reset();
	memory[CODE + 0x12] = 0xcc;
	is_fault(check_and_apply(), FAULT_NONE, "a breakpoint behind an entry's bytes");
	is_number(memory[CODE + 0x12], 0xcc, "... stays");
	reset();
	registry()->magic = 0;
	refuses(FAULT_REGISTRY, "no registry");
	reset();
	registry()->state = HP_ACTIVE;
	refuses(FAULT_OTHER, "another patch is active");
	reset();
	memcpy(section + BOOT_AT + offsetof(struct boot, text), "gets", 4);
	refuses(FAULT_UNBOUND, "an import that nobody defines");
	ok(engine.unbound && !strcmp(engine.unbound, "gets"), "... with its name");
}

/* A constant that must be this module's. */
static void test_here(void)
{
	struct boot *b = (void *)(section + BOOT_AT);

	reset();
	b->bind[0].kind = HP_BIND_HERE;
	patch_sign();
	is_fault(hp_patch_check(section, SECTION), FAULT_NONE, "a record that asks where a constant is");
	refuses(FAULT_ELSEWHERE, "it is another module's");
	ok(engine.unbound && !strcmp(engine.unbound, "puts"), "... with its name");
	reset();
	b->bind[0].kind = HP_BIND_HERE;
	b->bind[0].addend = 0x1000 - BASE;
	patch_sign();
	is_fault(check_and_apply(), FAULT_NONE, "it is this module's");
	is_number(word(RESERVE + 16), 0, "... and nothing is written there");
}

static void test_writes_are_whole(void)
{
	reset();
	check_and_apply();
	engine_revert(&engine);
	is_number(torn_pair_writes, 0, "pairs that are not aligned are written with the quadwords that are");
	is_number(torn_entry_writes, 2, "only the room across a quadword, there and back, is not one store");
	ok(entry_writes == 8, "and nothing is written twice");
}

static void test_file(void)
{
	reset();
	target.capabilities = 0;
	engine.resolve = NULL;
	engine.since = 0;
	is_fault(check_and_apply(), FAULT_NONE, "a file needs nobody to resolve");
	ok(registry()->state == HP_ACTIVE && registry()->cold && !registry()->booted && registry()->boot == ARENA &&
	   !registry()->since, "a coldpatched file's registry");
	is_number(word(RESERVE), 0, "the boot record is left to the stub");
	target.capabilities = TARGET_RUNS;
}

/* ---- tests of the reader ----------------------------------------------------------------------------------------- */

/* One field of 4 or 8 bytes gets a value that lies. */
static void field_is_checked(size_t at, size_t size, uint64_t value, enum hp_fault wanted, const char *name)
{
	reset();
	memcpy(section + at, &value, size);
	patch_sign();
	is_fault(hp_patch_check(section, SECTION), wanted, name);
}

#define FIELD(f) offsetof(struct hp_patch, f), sizeof patch->f
#define WRITE(n, f) WRITES_AT + (n) * sizeof(struct hp_write) + offsetof(struct hp_write, f), sizeof writes->f
#define BOOT(f) BOOT_AT + offsetof(struct boot, f), sizeof ((struct boot *)0)->f

static void test_reader(void)
{
	reset();
	is_fault(hp_patch_check(section, 100), FAULT_TRUNCATED, "less than a header");
	is_fault(hp_patch_check(section, SECTION - 1), FAULT_TRUNCATED, "one byte less");
	section[SECTION - 1] ^= 1;
	is_fault(hp_patch_check(section, SECTION), FAULT_DAMAGED, "one bit flipped");
	field_is_checked(FIELD(magic), 0, FAULT_MAGIC, "magic");
	field_is_checked(FIELD(version), HP_ABI_VERSION + 1, FAULT_VERSION, "version");
	field_is_checked(FIELD(flags), 1u << 31, FAULT_HEADER, "unknown flag");
	field_is_checked(FIELD(flags), HP_PATCH_MAPPED, FAULT_RECORD, "mapped without a segment");
	field_is_checked(FIELD(build_id_size), 0, FAULT_HEADER, "no build-id");
	field_is_checked(FIELD(build_id_size), 33, FAULT_HEADER, "build-id too long");
	field_is_checked(FIELD(arena_used), 0x1001, FAULT_HEADER, "more arena used than there is");
	field_is_checked(FIELD(label), 0, FAULT_TABLE, "no label");
	field_is_checked(FIELD(label), SECTION, FAULT_TABLE, "label behind the end");
	field_is_checked(FIELD(nwrite), 0x10000000, FAULT_TABLE, "too many writes");
	field_is_checked(FIELD(write), 193, FAULT_TABLE, "table not aligned");
	field_is_checked(FIELD(nfunc), 1, FAULT_TABLE, "function table on the header");
	field_is_checked(FIELD(line), 193, FAULT_TABLE, "what a later patch is told, not aligned");
	field_is_checked(FIELD(line), SECTION - 8, FAULT_TABLE, "what a later patch is told, across the end");
	field_is_checked(FIELD(boot), RESERVE, FAULT_BOOT, "boot record outside the image");
	field_is_checked(FIELD(boot), ARENA + 0x200 + 290, FAULT_BOOT, "boot record across the image's end");
	field_is_checked(WRITE(1, size), 0x1000, FAULT_RECORD, "bytes behind the section's end");
	field_is_checked(WRITE(1, addr), ARENA + 0xff0, FAULT_RECORD, "image across the arena's end");
	field_is_checked(WRITE(1, addr), -8ULL, FAULT_RECORD, "an address that wraps");
	field_is_checked(WRITE(1, size), 0, FAULT_RECORD, "a record of no size");
	field_is_checked(WRITE(3, addr), UNWIND + 16, FAULT_RECORD, "unwind pairs in the wrong order");
	field_is_checked(WRITE(5, phase), HP_IMAGE, FAULT_RECORD, "a phase that falls");
	field_is_checked(WRITE(7, phase), 5, FAULT_RECORD, "an unknown phase");
	field_is_checked(WRITE(6, addr), CODE + 0x11, FAULT_RECORD, "a quadword that is not aligned");
	field_is_checked(BOOT(head.magic), 0, FAULT_BOOT, "boot record without magic");
	field_is_checked(BOOT(head.size), 0x400, FAULT_BOOT, "boot record too long");
	field_is_checked(BOOT(head.nrel), 1 << 28, FAULT_BOOT, "too many pointers");
	field_is_checked(BOOT(init[0].src), 0x400, FAULT_BOOT, "initial value from outside");
	field_is_checked(BOOT(init[0].dst), REGISTRY, FAULT_BOOT, "initial value into the registry");
	field_is_checked(BOOT(rel[0].where), CODE, FAULT_BOOT, "pointer into code");
	field_is_checked(BOOT(bind[0].where), RESERVE + 0xffc, FAULT_BOOT, "slot across the reserve's end");
	field_is_checked(BOOT(bind[0].name), sizeof(struct boot), FAULT_BOOT, "name behind the end");
	field_is_checked(BOOT(bind[0].kind), 3, FAULT_BOOT, "unknown kind of import");
	field_is_checked(BOOT(copy[0].where), REGISTRY, FAULT_BOOT, "a copy into the registry");
	field_is_checked(BOOT(copy[0].from), CODE + 4, FAULT_BOOT, "a copy of half a word");
	field_is_checked(BOOT(head.ncopy), 1 << 28, FAULT_BOOT, "too many copies");
}

/* Every word of header, records and boot record gets hostile values, with a good checksum. What the reader accepts must
 * not take the engine outside of the section: ASan watches. */
static void test_hostile(void)
{
	static const uint32_t values[] = {
		0, 1, 3, 7, 8, 191, 193, SECTION - 4, SECTION, SECTION + 1, 0x7fffffff, -8U, -1U
	};
	unsigned accepted = 0, tried = 0;

	for (unsigned at = 0; at < BYTES_AT; at += 4)
		for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
			uint8_t *copy = aligned_alloc(16, SECTION);

			reset();
			memcpy(section + at, &values[i], 4);
			if (patch->size == SECTION)
				patch_sign();
			memcpy(copy, section, SECTION);
			engine.patch = (void *)copy;
			tried++;
			if (!hp_patch_check(copy, SECTION)) {
				accepted++;
				check_and_apply();
				engine_revert(&engine);
			}
			free(copy);
		}
	ok(accepted && accepted < tried, "%u hostile patches, %u of them harmless", tried, accepted);
}

static void test_texts(void)
{
	ok(!strcmp(hp_fault_text(FAULT_MAP), "cannot map it over the reserve"), "the last text is the last fault's");
	ok(!strcmp(hp_fault_text(FAULT_NONE), "nothing is wrong"), "the first text is the first one's");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);       /* a sanitizer may end this */
	test_apply();
	test_again();
	test_revert();
	test_killed(false);
	test_killed(true);
	test_torn_image();
	test_read_back();
	test_refusals();
	test_here();
	test_writes_are_whole();
	test_file();
	test_reader();
	test_hostile();
	test_texts();
	printf("1..%d\n", tests);
	return failed != 0;
}

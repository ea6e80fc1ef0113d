/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz-diff: hp-diff's readers, in one process: for libFuzzer.
 *
 * A pair of small programs stands in memory (PAIRS: "OLD NEW" paths, one pair a line). An input is a few changes to one
 * side of one pair, so that nearly all of the file stays what a linker writes and the readers get to the place of the
 * damage; then the file is read as hp-diff reads it: headers, symbols, relocations, unwind and dynamic tables, facts.
 * Asked for are the questions that later stages ask. With DEEP=1 all of hp-diff runs on the pair, up to the placed
 * patch (--dry-run).
 *
 * Input:  byte 0: pair and side; then changes of 8 bytes:
 *         u8 where (headers, or section), u8 how (width, operation), u16 offset, u32 value
 *
 * BFD and libopcodes are not ours: BFD's own check of the file is left out here (fuzz-read has it).
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

static int no_thread(void) { return 1; }
#define pthread_create(thread, attr, run, arg) no_thread()
#define main hp_diff_main
#include "../postlink/main.c"
#include "../postlink/facts.h"
#undef main
#include "../postlink/read.h"
#include "../postlink/types.h"

#define MAX_PAIRS 8
#define MAX_CHANGES 32
#define CHANGE_SIZE 8

struct file { uint8_t *bytes; size_t size; int fd; char *path; };
static struct file files[MAX_PAIRS][2];
static unsigned npairs;
static bool deep;

/* ---- the pairs --------------------------------------------------------------------------------------------------- */

static void load(struct file *f, const char *path)
{
	FILE *in = fopen(path, "rb");

	if (!in || fseek(in, 0, SEEK_END)) {
		fprintf(stderr, "cannot read '%s'\n", path);
		exit(2);
	}
	f->size = ftell(in);
	f->bytes = xmalloc(f->size);
	rewind(in);
	f->fd = memfd_create("program", 0);
	if (fread(f->bytes, 1, f->size, in) != f->size || f->fd < 0 ||
	    pwrite(f->fd, f->bytes, f->size, 0) != (ssize_t)f->size)
		exit(2);
	fclose(in);
	f->path = xasprintf("/proc/self/fd/%d", f->fd);
}

/* What hp-diff says goes nowhere; what the sanitizers say goes where it went. */
static void be_quiet(void)
{
	stdout = fopen("/dev/null", "w");
	stderr = fopen("/dev/null", "w");
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char *pairs = xstrdup(getenv("PAIRS") ? getenv("PAIRS") : ""), *next = pairs, *word;

	(void)argc, (void)argv;
	deep = getenv("DEEP");
	while (npairs < MAX_PAIRS && (word = strsep(&next, " \n")) && *word) {
		load(&files[npairs][0], word);
		load(&files[npairs++][1], strsep(&next, " \n"));
	}
	free(pairs);
	if (!npairs) {
		fputs("PAIRS names no programs\n", stderr);
		exit(2);
	}
	be_quiet();
	return 0;
}

/* ---- damage ------------------------------------------------------------------------------------------------------ */

struct change { uint8_t where, how; uint16_t offset; uint32_t value; };
_Static_assert(sizeof(struct change) == CHANGE_SIZE, "a change is read as it stands");

/* The bytes that WHERE names, by the headers of the undamaged file. */
static uint64_t bytes_of(const struct file *f, unsigned where, uint64_t *size)
{
	const Elf64_Ehdr *e = (const void *)f->bytes;
	const Elf64_Shdr *h = (const void *)(f->bytes + e->e_shoff);

	where %= e->e_shnum + 2;
	*size = sizeof *e + e->e_phnum * sizeof(Elf64_Phdr);
	if (where == e->e_shnum)
		return 0;
	*size = e->e_shnum * sizeof *h;
	if (where == e->e_shnum + 1u)
		return e->e_shoff;
	*size = h[where].sh_type == SHT_NOBITS ? 0 : h[where].sh_size;
	return h[where].sh_offset;
}

static uint64_t changed(uint64_t old, const struct change *c)
{
	int64_t value = (int32_t)c->value;

	switch (c->how >> 2 & 3) {
	case 0: return value;
	case 1: return old + value;
	case 2: return old ^ value;
	}
	return old ^ 1ull << (c->value & 63);
}

/* The bytes that CHANGE means to change; false: none. */
static bool span(const struct file *f, const struct change *c, uint64_t *at, uint64_t *width)
{
	uint64_t size, base = bytes_of(f, c->where, &size);

	if (!size)
		return false;
	*width = 1u << (c->how & 3);
	*at = base + c->offset % size;
	return *at + *width <= f->size;
}

static void damage(const struct file *f, const struct change *c, bool undo)
{
	uint64_t at, width, value = 0;

	if (!span(f, c, &at, &width))
		return;
	memcpy(&value, f->bytes + at, width);
	if (!undo)
		value = changed(value, c);
	if (pwrite(f->fd, &value, width, at) != (ssize_t)width)
		abort();
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* BFD finds its sections out of what it checks: it has none here. */
bool __wrap_bfd_check_format(void *abfd, int format);
bool __wrap_bfd_check_format(void *abfd, int format) { (void)abfd, (void)format; return true; }

static void ask_object(struct image *img, struct object *o)
{
	const char *type;
	struct fact *f = NULL;

	facts_known(o);
	facts_never(img, o);
	facts_kind(o);
	facts_kept(o);
	while (facts_unit(o, &f, &type))
		;
	image_fde_at(img, o->addr);
	is_thunk(o);
}

static void ask_types(const struct image *img)
{
	struct types t;
	struct both both = { .old = &t, .new = &t };

	types_init(&t, img);
	for (uint32_t i = 0; i + 1 < t.nlayouts; i++) {
		free(layout_difference(&both, &t.layouts[i], &t.layouts[i + 1]));
		free(layout_plain_name(&t.layouts[i]));
	}
	types_release(&t);
}

static void read_one(const struct file *f)
{
	struct image *img = image_read(f->path, NULL);
	struct bias b;
	uint32_t next = 0;

	if (!img)
		return;
	image_fill(img);
	bounds_settle(img);
	for (uint32_t i = 0; i < img->nobjects; i++)
		ask_object(img, &img->objects[i]);
	for (uint32_t i = 0; i < img->nrefs; i++)
		anon_size(img, &img->refs[i]);
	while (facts_bias(img, &next, &b))
		;
	ask_types(img);
	image_close(img);
}

static void run_pair(const struct file *pair)
{
	struct diff d = { .opt = { .old_path = pair[0].path, .new_path = pair[1].path, .dry_run = true } };

	run(&d);
	diff_release(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct change changes[MAX_CHANGES];
	size_t n = size ? (size - 1) / CHANGE_SIZE : 0;
	struct file *pair = size ? files[data[0] / 2 % npairs] : NULL, *side = pair ? &pair[data[0] & 1] : NULL;

	if (!n)
		return 0;
	n = n < MAX_CHANGES ? n : MAX_CHANGES;
	memcpy(changes, data + 1, n * CHANGE_SIZE);
	for (size_t i = 0; i < n; i++)
		damage(side, &changes[i], false);
	if (deep)
		run_pair(pair);
	else
		read_one(side);
	for (size_t i = 0; i < n; i++)
		damage(side, &changes[i], true);
	return 0;
}

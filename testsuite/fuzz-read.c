/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz-read FILE RUNS SEED: damages a linked program RUNS times, each time otherwise, and lets the input side of
 * hp-diff read it. It may refuse or take what it gets; it must not crash, which the sanitizers see better than anybody.
 *
 * Half of the damage goes to tables (headers, symbols, relocations, unwind and version tables), where it does most. One
 * run in eight truncates the file. The last damaged file stays in ./fuzzed, so that a crash can be repeated with
 * `dump-image fuzzed verify`. Prints how many files were still taken.
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "../postlink/read.h"

struct file { uint8_t *bytes; size_t size; };

static uint64_t state;

static uint32_t any(uint64_t below)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return below ? (state >> 33) % below : 0;
}

static struct file load(const char *path)
{
	struct file f = { NULL, 0 };
	FILE *in = fopen(path, "rb");

	if (!in || fseek(in, 0, SEEK_END))
		exit(2);
	f.size = ftell(in);
	f.bytes = xmalloc(f.size);
	rewind(in);
	if (fread(f.bytes, 1, f.size, in) != f.size)
		exit(2);
	fclose(in);
	return f;
}

static void save(const char *path, const uint8_t *bytes, size_t size)
{
	FILE *out = fopen(path, "wb");

	if (!out || fwrite(bytes, 1, size, out) != size || fclose(out))
		exit(2);
}

/* A place of the whole file, of its headers, or of a section that is a table. */
static size_t target(const struct file *f)
{
	const Elf64_Ehdr *e = (const void *)f->bytes;
	const Elf64_Shdr *h = (const void *)(f->bytes + e->e_shoff);

	switch (any(4)) {
	case 0: return any(f->size);
	case 1: return any(sizeof *e + e->e_phnum * sizeof(Elf64_Phdr));
	case 2: return e->e_shoff + any(e->e_shnum * sizeof *h);
	}
	h += any(e->e_shnum);
	return h->sh_type == SHT_NOBITS || !h->sh_size ? any(f->size) : h->sh_offset + any(h->sh_size);
}

static uint8_t byte(uint8_t old)
{
	static const uint8_t edges[] = { 0, 1, 0x7f, 0x80, 0xff, 0xfe, 0x40 };

	switch (any(3)) {
	case 0: return old ^ 1 << any(8);
	case 1: return edges[any(sizeof edges)];
	}
	return any(256);
}

static bool one(const struct file *f, uint8_t *copy)
{
	size_t size = any(8) ? f->size : any(f->size);
	struct image *img;
	enum cause cause;

	memcpy(copy, f->bytes, f->size);
	for (int n = 1 + any(8); n; n--) {
		size_t at = target(f);

		for (int run = any(4) ? 1 : 8; run && at < f->size; run--, at++)
			copy[at] = byte(copy[at]);
	}
	save("fuzzed", copy, size);
	img = image_read_any("fuzzed", &cause);
	if (!img)
		return false;
	image_fill(img);
	for (uint32_t i = 0; i < img->nrefs; i++)
		image_fde_at(img, img->refs[i].addr);
	image_line_at(img, img->nobjects ? img->objects[any(img->nobjects)].addr : 0);
	image_release(img);
	return true;
}

int main(int argc, char **argv)
{
	struct file f;
	uint8_t *copy;
	int taken = 0, runs;

	if (argc != 4)
		return 2;
	f = load(argv[1]);
	copy = xmalloc(f.size);
	runs = atoi(argv[2]);
	for (int i = 0; i < runs; i++) {
		state = strtoull(argv[3], NULL, 0) + i;
		any(1);
		taken += one(&f, copy);
	}
	free(copy);
	free(f.bytes);
	printf("taken %d of %d\n", taken, runs);
	return 0;
}

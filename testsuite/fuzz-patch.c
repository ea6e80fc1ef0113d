/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fuzz target of the patch reader, for libFuzzer (clang -fsanitize=fuzzer,address,undefined). Without -fsanitize=fuzzer
 * and with -DMAIN it reads the files that it is given.
 *
 * The input is a section .hp.patch, or, when it begins as ELF does, a whole hotpatch file. Its checksum is made right,
 * as a forger's would be. What the reader accepts is applied to a module of nothing and taken back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/engine.h"

#define LIMIT (1 << 20)

static int pretend_read(struct target *t, uint64_t addr, void *to, uint64_t size)
{
	const struct hp_patch *p = t->ctx;

	memset(to, 0xcc, size);
	if (addr == p->registry && size == sizeof(struct hp_registry))
		*(struct hp_registry *)to = (struct hp_registry) {
			.magic = HP_REGISTRY_MAGIC, .version = HP_ABI_VERSION
		};
	return 0;
}

/* Every byte that is written is looked at. */
static int pretend_write(struct target *t, uint64_t addr, const void *from, uint64_t size)
{
	static volatile uint8_t sum;

	(void)t;
	(void)addr;
	for (uint64_t i = 0; i < size; i++)
		sum += ((const uint8_t *)from)[i];
	return 0;
}

static int pretend_resolve(void *ctx, const char *name, const char *version, uint64_t *value)
{
	(void)ctx;
	*value = strlen(name) + strlen(version);
	return *value % 2 ? -1 : 0;
}

static void try_section(const void *section, uint64_t size)
{
	struct target target = { pretend_read, pretend_write, 0, TARGET_RUNS, (void *)section };
	struct engine engine = { .target = &target, .patch = section, .resolve = pretend_resolve };

	if (hp_patch_check(section, size))
		return;
	for (uint32_t i = 0; i < engine.patch->nfunc; i++)
		pretend_write(&target, 0, hp_patch_at(engine.patch, hp_patch_funcs(engine.patch)[i].name), 1);
	engine_check(&engine);
	engine_apply(&engine);
	engine_revert(&engine);
}

static void sign(void *section, uint64_t size)
{
	struct hp_patch *p = section;

	if (size >= sizeof *p && p->size == size)
		hp_patch_id(p, p->id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	const void *section = copy;
	uint64_t section_size = size;
	bool elf = size >= 4 && !memcmp(data, "\177ELF", 4);

	if (!copy || size > LIMIT)
		return free(copy), 0;
	memcpy(copy, data, size);
	if (!elf || !hp_patch_find(copy, size, &section, &section_size)) {
		sign((void *)section, section_size);
		try_section(section, section_size);
		if (elf && !hp_patch_check(section, section_size))
			hp_patch_check_segments(section, copy, size);
	}
	free(copy);
	return 0;
}

#ifdef MAIN
int main(int argc, char **argv)
{
	static uint8_t bytes[LIMIT];

	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");

		if (!f)
			return perror(argv[i]), 1;
		LLVMFuzzerTestOneInput(bytes, fread(bytes, 1, sizeof bytes, f));
		fclose(f);
	}
	return 0;
}
#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * make-patch MODULE FUNCTION OUT.hp.o [MODE] [FLAW]: a patch made by hand, for tests of the run time alone.
 *
 * FUNCTION of MODULE, which must have five spare bytes above its entry, is redirected to new code that returns 2:
 *
 *   const            by a constant (the default)
 *   data             by a new variable (hp_init) that is read through a new pointer (hp_rel)
 *   import=NAME[@V]  by a call of an imported function (hp_bind); NAME? binds weakly and returns 2 when there is none
 *   read=NAME[@V]    by reading an imported variable
 *   mapped           by code in a segment mapped over the reserve
 *
 * FLAW spoils the patch on purpose: build-id, old, note, version, checksum, segment. A last argument --cold=FILE
 * writes MODULE with the patch applied as well.
 */
#include <elf.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "../runtime/engine.h"
#include "../runtime/sha1.h"

#define PAGE 4096
#define SPACE 8192                      /* of the section, at most */
#define SECTION_AT 64                   /* its place in the file: behind the ELF header */

static uint8_t *module;
static size_t module_size;
static uint64_t note_addr;
static const struct hp_note *note;

static _Alignas(16) uint8_t section[SPACE];
static struct hp_patch *const patch = (void *)section;
static uint32_t used = sizeof(struct hp_patch);
static struct hp_write writes[16];

/* ---- the module -------------------------------------------------------------------------------------------------- */

static void *file_read(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	void *bytes;

	if (!f || fseek(f, 0, SEEK_END))
		err(2, "cannot read '%s'", path);
	*size = ftell(f);
	rewind(f);
	bytes = aligned_alloc(16, (*size + 15) & -16);
	if (!bytes || fread(bytes, 1, *size, f) != *size)
		err(2, "cannot read '%s'", path);
	fclose(f);
	return bytes;
}

static void file_write(const char *path, const void *bytes, size_t size, int mode)
{
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(bytes, 1, size, f) != size || fchmod(fileno(f), mode) || fclose(f))
		err(2, "cannot write '%s'", path);
}

static const Elf64_Shdr *section_headers(void)
{
	return (const void *)(module + ((const Elf64_Ehdr *)module)->e_shoff);
}

static uint64_t symbol(const char *name)
{
	const Elf64_Ehdr *e = (const void *)module;
	const Elf64_Shdr *sh = section_headers();

	for (unsigned i = 0; i < e->e_shnum; i++) {
		if (sh[i].sh_type != SHT_SYMTAB)
			continue;
		const Elf64_Sym *s = (const void *)(module + sh[i].sh_offset);
		for (size_t k = 0; k < sh[i].sh_size / sizeof *s; k++)
			if (!strcmp((char *)module + sh[sh[i].sh_link].sh_offset + s[k].st_name, name))
				return s[k].st_value;
	}
	errx(2, "no symbol '%s'", name);
}

static void take_note(const Elf64_Nhdr *n, uint64_t addr)
{
	const char *name = (const char *)(n + 1);
	const uint8_t *desc = (const uint8_t *)name + ((n->n_namesz + 3) & -4);

	if (n->n_namesz == 4 && !strcmp(name, "GNU") && n->n_type == NT_GNU_BUILD_ID) {
		patch->build_id_size = n->n_descsz;
		memcpy(patch->build_id, desc, n->n_descsz);
	}
	if (n->n_namesz == sizeof HP_NOTE_NAME && !strcmp(name, HP_NOTE_NAME)) {
		note = (const void *)desc;
		note_addr = addr + (desc - (const uint8_t *)n);
	}
}

static void read_notes(void)
{
	const Elf64_Ehdr *e = (const void *)module;
	const Elf64_Shdr *sh = section_headers();

	for (unsigned i = 0; i < e->e_shnum; i++) {
		if (sh[i].sh_type != SHT_NOTE)
			continue;
		for (size_t at = 0; at + sizeof(Elf64_Nhdr) <= sh[i].sh_size;) {
			const Elf64_Nhdr *n = (const void *)(module + sh[i].sh_offset + at);

			take_note(n, sh[i].sh_addr + at);
			at += sizeof *n + ((n->n_namesz + 3) & -4) + ((n->n_descsz + 3) & -4);
		}
	}
	if (!note || !patch->build_id_size)
		errx(2, "the module has no note of hotpatch or no build-id");
}

/* ---- the patch --------------------------------------------------------------------------------------------------- */

static uint32_t put(const void *bytes, uint32_t size)
{
	uint32_t at = used = (used + 15) & -16;

	if (used + size > SPACE)
		errx(2, "the patch is too large");
	memcpy(section + at, bytes, size);
	used += size;
	return at;
}

static void add_write(enum hp_phase phase, uint64_t addr, const void *old, const void *new_, uint32_t size)
{
	struct hp_write *w = &writes[patch->nwrite++];

	*w = (struct hp_write) { .addr = addr, .size = size, .phase = phase, .new_ = put(new_, size) };
	w->old = old ? put(old, size) : 0;
}

static const uint8_t *module_bytes(uint64_t addr, uint32_t size)
{
	static struct target_buffer b;
	static uint8_t bytes[16];

	if (target_buffer_init(&b, module, module_size) || b.target.read(&b.target, addr, bytes, size))
		errx(2, "nothing at %#lx", (long)addr);
	return bytes;
}

/* jmp above the entry, and a jump to it over the entry. */
static void redirect(uint64_t entry, uint64_t to)
{
	uint8_t old[8], jump[5] = { 0xe9 }, new_[8];
	int32_t distance = to - entry;
	uint64_t at = entry;

	memcpy(jump + 1, &distance, 4);
	memcpy(old, module_bytes(entry - 5, 5), 5);
	add_write(HP_ROOM, entry - 5, old, jump, 5);
	if (!memcmp(module_bytes(entry, 4), "\xf3\x0f\x1e\xfa", 4))
		at += 4;
	memcpy(old, module_bytes(at & -8, 8), 8);
	memcpy(new_, old, 8);
	new_[at % 8] = 0xeb;
	new_[at % 8 + 1] = entry - 5 - (at + 2);
	add_write(HP_ENTRY, at & -8, old, new_, 8);
}

/* The boot record stands at the start of the arena, code 1024 bytes behind. */
static struct {
	struct hp_boot head;
	struct hp_init init[1];
	struct hp_rel rel[1];
	struct hp_bind bind[1];
	int32_t value;
	char strings[128];
} boot;
_Static_assert(sizeof boot <= 1024, "the boot record runs into the code");

#define IN_BOOT(field) ((uint32_t)((char *)&boot.field - (char *)&boot))

static void add_boot(void)
{
	boot.head.magic = HP_BOOT_MAGIC;
	boot.head.size = sizeof boot;
	patch->boot = patch->arena;
	add_write(HP_IMAGE, patch->arena, NULL, &boot, sizeof boot);
}

/* mov $2,%eax; ret */
static const uint8_t code_const[] = { 0xb8, 2, 0, 0, 0, 0xc3 };

static void make_data(uint64_t code)
{
	/* mov ptr(%rip),%rax; mov (%rax),%eax; ret */
	uint8_t bytes[] = { 0x48, 0x8b, 0x05, 0, 0, 0, 0, 0x8b, 0x00, 0xc3 };
	int32_t distance = patch->reserve - (code + 7);

	memcpy(bytes + 3, &distance, 4);
	boot.value = 2;
	boot.init[0] = (struct hp_init) { patch->reserve + 64, IN_BOOT(value), 4 };
	boot.rel[0] = (struct hp_rel) { patch->reserve, patch->reserve + 64 };
	boot.head.init = IN_BOOT(init);
	boot.head.rel = IN_BOOT(rel);
	boot.head.ninit = boot.head.nrel = 1;
	add_boot();
	add_write(HP_IMAGE, code, NULL, bytes, sizeof bytes);
}

static void make_import(uint64_t code, char *name, bool read)
{
	/* mov slot(%rip),%rax; test %rax,%rax; je 1f; jmp *%rax; 1: mov $2,%eax; ret
	 * READ makes the jmp a mov (%rax),%eax; ret */
	uint8_t bytes[24] = {
		0x48, 0x8b, 0x05, 0, 0, 0, 0, 0x48, 0x85, 0xc0, 0x74, 2, 0xff, 0xe0, 0xb8, 2, 0, 0, 0, 0xc3
	};
	int32_t distance = patch->reserve - (code + 7);
	char *version = strchr(name, '@'), *weak = strchr(name, '?');

	memcpy(bytes + 3, &distance, 4);
	if (read)
		memcpy(bytes + 12, "\x8b\x00\xc3", 3);
	if (version)
		*version++ = 0;
	if (weak)
		*weak = 0;
	snprintf(boot.strings, 64, "%s", name);
	snprintf(boot.strings + 64, 64, "%s", version ? version : "");
	boot.bind[0] = (struct hp_bind) {
		patch->reserve, 0, IN_BOOT(strings), version ? IN_BOOT(strings[64]) : 0, HP_BIND_ADDRESS, !!weak
	};
	boot.head.bind = IN_BOOT(bind);
	boot.head.nbind = 1;
	add_boot();
	add_write(HP_IMAGE, code, NULL, bytes, sizeof bytes);
}

/* Code in the first page of the segment part of the file, which follows the section's page. */
static uint64_t make_mapped(void)
{
	struct hp_segment s = {
		.addr = hp_reserve_code(patch->reserve, patch->reserve_end), .file = 2 * SPACE, .filesz = PAGE, .memsz = PAGE, .prot = 5
	};

	patch->flags |= HP_PATCH_MAPPED;
	patch->nsegment = 1;
	patch->segment = put(&s, sizeof s);
	return s.addr;
}

static void make_header(void)
{
	memcpy(patch->magic, HP_PATCH_MAGIC, 8);
	patch->version = HP_ABI_VERSION;
	patch->label = put("made by hand", 13);
	patch->note = note_addr;
	patch->arena = note_addr + note->arena;
	patch->arena_end = note_addr + note->arena_end;
	patch->reserve = note_addr + note->reserve;
	patch->reserve_end = note_addr + note->reserve_end;
	patch->registry = note_addr + note->registry;
	patch->arena_used = 2048;
	patch->reserve_used = PAGE;
}

static void make_patch(uint64_t entry, char *mode)
{
	uint64_t code = patch->arena + 1024;

	if (!strcmp(mode, "data"))
		make_data(code);
	else if (!strncmp(mode, "import=", 7))
		make_import(code, mode + 7, false);
	else if (!strncmp(mode, "read=", 5))
		make_import(code, mode + 5, true);
	else if (!strcmp(mode, "mapped"))
		code = make_mapped();
	else
		add_write(HP_IMAGE, code, NULL, code_const, sizeof code_const);
	redirect(entry, code);
	patch->func = put(&(struct hp_func) { entry, 16, code, 16, put("function", 9), HP_FUNC_REDIRECTED },
			  sizeof(struct hp_func));
	patch->nfunc = 1;
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

static void spoil(const char *flaw)
{
	if (!strcmp(flaw, "build-id"))
		patch->build_id[0] ^= 1;
	else if (!strcmp(flaw, "note"))
		patch->note += 4;
	else if (!strcmp(flaw, "version"))
		patch->version++;
	else if (!strcmp(flaw, "old"))
		section[writes[patch->nwrite - 2].old] ^= 1;
	else if (*flaw && strcmp(flaw, "checksum") && strcmp(flaw, "segment"))
		errx(2, "no flaw '%s'", flaw);
}

/* Three sections: none, .hp.patch and the names; a mapped page behind them. Returns the size. */
static size_t make_file(uint8_t *file, const char *flaw)
{
	static const char names[] = "\0.hp.patch\0.shstrtab";
	const uint32_t names_at = SECTION_AT + SPACE, headers_at = names_at + 64;
	Elf64_Ehdr *e = (void *)file;
	Elf64_Shdr *sh = (void *)(file + headers_at);

	memcpy(e->e_ident, (uint8_t[]) { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT }, 7);
	e->e_type = ET_REL;
	e->e_machine = EM_X86_64;
	e->e_version = EV_CURRENT;
	e->e_ehsize = sizeof *e;
	e->e_shoff = headers_at;
	e->e_shentsize = sizeof *sh;
	e->e_shnum = 3;
	e->e_shstrndx = 2;
	memcpy(file + names_at, names, sizeof names);
	sh[1] = (Elf64_Shdr) { .sh_name = 1, .sh_type = SHT_PROGBITS, .sh_offset = SECTION_AT, .sh_size = patch->size };
	sh[2] = (Elf64_Shdr) { .sh_name = 11, .sh_type = SHT_STRTAB, .sh_offset = names_at, .sh_size = sizeof names };
	memcpy(file + SECTION_AT, section, patch->size);
	if (!strcmp(flaw, "checksum"))
		file[SECTION_AT + patch->label] ^= 1;
	if (!patch->nsegment)
		return headers_at + 3 * sizeof *sh;
	if (!strcmp(flaw, "segment"))
		file[2 * SPACE + 100] ^= 1;
	return 2 * SPACE + PAGE;
}

static void finish(uint8_t *file, const char *flaw)
{
	uint8_t sum[SHA1_SIZE];
	struct sha1 s;

	patch->write = put(writes, patch->nwrite * sizeof *writes);
	patch->size = used;
	if (patch->nsegment) {
		memcpy(file + 2 * SPACE, code_const, sizeof code_const);
		sha1_init(&s);
		sha1_feed(&s, file + 2 * SPACE, PAGE);
		sha1_finish(&s, sum);
		memcpy(((struct hp_segment *)(section + patch->segment))->check, sum, 4);
	}
	spoil(flaw);
	hp_patch_id(patch, patch->id);
}

static void write_cold(const char *path)
{
	struct target_buffer b;
	struct engine e = { .target = &b.target, .patch = patch };
	enum hp_fault fault;

	if (target_buffer_init(&b, module, module_size))
		errx(2, "not an ELF file");
	fault = engine_check(&e);
	if (!fault)
		fault = engine_apply(&e);
	if (fault)
		errx(2, "cannot apply to the file: %s", hp_fault_text(fault));
	file_write(path, module, module_size, 0755);
}

int main(int argc, char **argv)
{
	static uint8_t file[2 * SPACE + PAGE];
	const char *cold = NULL, *flaw;
	size_t size;

	if (argc > 1 && !strncmp(argv[argc - 1], "--cold=", 7))
		cold = argv[--argc] + 7;
	if (argc < 4 || argc > 6)
		errx(2, "usage: make-patch MODULE FUNCTION OUT [MODE] [FLAW] [--cold=FILE]");
	flaw = argc > 5 ? argv[5] : "";
	module = file_read(argv[1], &module_size);
	read_notes();
	make_header();
	make_patch(symbol(argv[2]), argc > 4 ? argv[4] : "const");
	finish(file, flaw);
	size = make_file(file, flaw);
	file_write(argv[3], file, size, 0644);
	if (cold)
		write_cold(cold);
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What each module has once: base arena, base reserve, room for thread-local variables, registry, note and startup stub,
 * and what each unit adds.
 *
 * The once-only things are in one COMDAT group, so the linker keeps the first unit's copy; the entry of the stub in
 * .preinit_array or .init_array is a root of --gc-sections and keeps the whole group. Units add their share of arena and
 * reserve outside the group, into sections of the same names; ld's __start_ and __stop_ symbols span them all.
 *
 * The formats are those of runtime/abi.h. The stub is a flat, position-independent blob made from runtime/ (stub-blob.h).
 * It is entered with (argc, argv, envp, note descriptor, store directory).
 */
#include "hotpatch.h"
#define _Static_assert static_assert
#include "../runtime/abi.h"

#if __has_include("stub-blob.h")
#include "stub-blob.h"
#else                                   /* no run time yet: a stub that does nothing */
static const unsigned char hp_stub_blob[] = { 0xc3 };
enum { HP_STUB_ENTRY = 0 };
#endif

#define GROUP "__hotpatch_v1,comdat"

static unsigned long round_to(unsigned long n, unsigned long unit)
{
	return (n + unit / 2) / unit * unit;
}

static void symbol_print(FILE *f, const char *name, const char *type)
{
	fprintf(f, "\t.weak %s\n\t.hidden %s\n\t.type %s,@%s\n%s:\n", name, name, name, type, name);
}

/* Every chunk has an unwind entry of its own, so .eh_frame_hdr has pairs to spare for new functions. It covers one byte:
 * who reads .eh_frame itself, as gdb and valgrind do, is not to unwind new code by it. */
static void arena_print(FILE *f, const char *flags, unsigned long size)
{
	if (!size)
		return;
	fprintf(f, "\t.section hp_arena,%s\n\t.p2align 4,0xcc\n\t.rept %lu\n\t.cfi_startproc\n\t.skip 1,0xcc\n"
		"\t.cfi_endproc\n\t.skip %d,0xcc\n\t.endr\n", flags, size / HP_CHUNK, HP_CHUNK - 1);
}

static void reserve_print(FILE *f, const char *flags, unsigned long size)
{
	if (size)
		fprintf(f, "\t.section hp_reserve,%s\n\t.p2align 12\n\t.skip %lu\n", flags, size);
}

/* A module with more room for code has more for variables, too; these are addresses only, but they keep modules apart. */
static unsigned long reserve_size(void)
{
	unsigned long wanted = round_to(2ul * hp_options.arena, HP_PAGE), most = 64ul << 20;

	return MAX(HP_RESERVE, MIN(wanted, most));
}

static bool unit_is_for_library(void)
{
	return flag_pic && !flag_pie;
}

/* A process has one program, but perhaps a hundred libraries, and each thread pays for all. */
static long tls_size(void)
{
	return hp_options.tls >= 0 ? hp_options.tls : unit_is_for_library() ? 64 : 256;
}

/* Each thread has its own, be it there already when a patch comes: of zeros, as the variables that will stand there. */
static void tls_print(FILE *f)
{
	if (!tls_size())
		return;
	fprintf(f, "\t.section .tbss.hotpatch,\"awTG\",@nobits," GROUP "\n\t.p2align %d\n", HP_TLS_ALIGN);
	symbol_print(f, "__hp_tls", "object");
	fprintf(f, "\t.skip %ld\n\t.size __hp_tls,.-__hp_tls\n", tls_size());
}

/* New code of a library finds its block by the module's number, which only the dynamic linker knows. It fills a slot with
 * it for this code, that nobody runs. GNU ld wants the whole sequence, to undo it in executables; the function is weak
 * there, so that no library is needed for it. */
static void tls_use_print(FILE *f)
{
	if (tls_size() && unit_is_for_library())
		fputs("\tleaq __hp_tls@tlsld(%rip),%rdi\n\t.weak __tls_get_addr\n\tcall __tls_get_addr@PLT\n", f);
}

static void registry_print(FILE *f)
{
	fputs("\t.section hp_registry,\"awG\",@progbits," GROUP "\n\t.p2align 3\n", f);
	symbol_print(f, "__hp_registry", "object");
	fprintf(f, "\t.size __hp_registry,%zu\n\t.long %#x,%d\n\t.skip %zu\n", sizeof(struct hp_registry),
		HP_REGISTRY_MAGIC, HP_ABI_VERSION, sizeof(struct hp_registry) - 8);
}

static void note_print(FILE *f)
{
	static const char *const places[] = {
		"__start_hp_arena", "__stop_hp_arena", "__start_hp_reserve", "__stop_hp_reserve", "__hp_registry", "__hp_stub",
	};

	fputs("\t.section .note.hotpatch,\"aG\",@note," GROUP "\n\t.p2align 2\n", f);
	fprintf(f, "\t.long %zu,%zu,%d\n\t.asciz \"%s\"\n\t.p2align 2\n.LHPnote:\n\t.long %d\n", sizeof HP_NOTE_NAME,
		sizeof(struct hp_note), HP_NOTE_TYPE, HP_NOTE_NAME, HP_ABI_VERSION);
	for (const char *place : places)
		fprintf(f, "\t.hidden %s\n\t.long %s-.LHPnote\n", place, place);
	fprintf(f, "\t.long %d,%s,%ld\n\t.skip %d\n", HP_CHUNK, tls_size() ? "__hp_tls@dtpoff" : "0", tls_size(),
		HP_NOTE_ROOM);
}

/* Eight bytes a number: the blob is in every unit, and the assembler's time goes by numbers. Zero up to a multiple. */
static void bytes_print(FILE *f, const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i += 8) {
		unsigned long word = 0;

		memcpy(&word, p + i, MIN(n - i, 8));
		fprintf(f, i % 64 ? ",%#lx" : "\n\t.quad %#lx", word);
	}
	putc('\n', f);
}

/* In a section of its own, away from the code that is in use: it runs once. The blob has no unwind rules: it says that it
 * is the outermost frame. */
static void stub_print(FILE *f)
{
	fputs("\t.section hp_stub,\"axG\",@progbits," GROUP "\n\t.p2align 4\n", f);
	symbol_print(f, "__hp_stub", "function");
	fputs("\t.cfi_startproc\n\t.cfi_undefined rip\n", f);
	if (flag_cf_protection & CF_BRANCH)
		fputs("\tendbr64\n", f);
	fprintf(f, "\tleaq .LHPnote(%%rip),%%rcx\n\tleaq .LHPstore(%%rip),%%r8\n\tjmp .LHPblob+%d\n\t.p2align 6\n.LHPblob:\n",
		(int)HP_STUB_ENTRY);
	bytes_print(f, hp_stub_blob, sizeof hp_stub_blob);
	fputs("\t.cfi_endproc\n.LHPstore:\n\t.asciz \"", f);
	facts_string(f, hp_options.store, strlen(hp_options.store));
	fputs("\"\n", f);
	tls_use_print(f);
	fputs("\t.size __hp_stub,.-__hp_stub\n", f);
}

/* An executable runs .preinit_array before the constructors of its libraries; a shared library may not have one. */
static void start_print(FILE *f)
{
	bool library = unit_is_for_library();

	fprintf(f, "\t.section %s,\"awG\",@%s," GROUP "\n\t.p2align 3\n\t.quad __hp_stub\n",
		library ? ".init_array.00000" : ".preinit_array", library ? "init_array" : "preinit_array");
}

void module_print(FILE *f)
{
	unsigned long text = entry_text_size();

	if (ASSEMBLER_DIALECT == ASM_INTEL)
		fputs("\t.att_syntax prefix\n", f);
	arena_print(f, "\"axG\",@progbits," GROUP, hp_options.arena);
	reserve_print(f, "\"awG\",@nobits," GROUP, reserve_size());
	tls_print(f);
	registry_print(f);
	note_print(f);
	stub_print(f);
	start_print(f);
	arena_print(f, "\"ax\",@progbits", round_to(text / 8, HP_CHUNK));
	reserve_print(f, "\"aw\",@nobits", 3 * round_to(text, HP_PAGE));
	if (ASSEMBLER_DIALECT == ASM_INTEL)
		fputs("\t.intel_syntax noprefix\n", f);
	in_section = NULL;
}

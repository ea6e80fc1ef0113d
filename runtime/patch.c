/* SPDX-License-Identifier: MIT */
/* The reader of a patch, see patch.h. */
#include <elf.h>
#include "break.h"
#include "bytes.h"
#include "patch.h"
#include "sha1.h"

#define PAGE 4096ULL
#define VALUE_FLAGS (HP_VALUE_START | HP_VALUE_CONSTANT | HP_VALUE_UPDATE)

#define HP_FAULT(id, text) text "\0"
static const char texts[] =
#include "fault.def"
	;
#undef HP_FAULT

const char *hp_fault_text(enum hp_fault fault)
{
	const char *text = texts;

	for (unsigned n = 0; n < (unsigned)fault && n < FAULT_COUNT - 1; n++)
		text += text_length(text) + 1;
	return text;
}

/* ---- the ELF file ------------------------------------------------------------------------------------------------ */

static bool elf_is_ours(const Elf64_Ehdr *e)
{
	return bytes_equal(e->e_ident, ELFMAG, SELFMAG) && e->e_ident[EI_CLASS] == ELFCLASS64 &&
	       e->e_ident[EI_DATA] == ELFDATA2LSB && e->e_machine == EM_X86_64;
}

/* Is NAME, with its NUL, what stands at OFFSET in the string section S? */
static bool section_is_named(const uint8_t *file, const Elf64_Shdr *s, uint32_t offset, const char *name)
{
	uint64_t size = text_length(name) + 1;

	return range_fits(offset, size, s->sh_size) && bytes_equal(file + s->sh_offset + offset, name, size);
}

enum hp_fault hp_section_find(const void *file, uint64_t size, const char *name, const void **section,
			      uint64_t *section_size)
{
	const uint8_t *bytes = file;
	const Elf64_Ehdr *e = file;
	const Elf64_Shdr *sh, *names;
	uint64_t count, strings;

	if (size < sizeof *e || !elf_is_ours(e))
		return FAULT_NOT_ELF;
	if (e->e_shentsize != sizeof *sh || e->e_shoff % 8 || !e->e_shoff || !range_fits(e->e_shoff, sizeof *sh, size))
		return FAULT_TRUNCATED;
	sh = (const void *)(bytes + e->e_shoff);
	count = e->e_shnum ? e->e_shnum : sh->sh_size;
	strings = e->e_shstrndx == SHN_XINDEX ? sh->sh_link : e->e_shstrndx;
	if (count > (size - e->e_shoff) / sizeof *sh || strings >= count)
		return FAULT_TRUNCATED;
	names = &sh[strings];
	if (names->sh_type == SHT_NOBITS || !range_fits(names->sh_offset, names->sh_size, size))
		return FAULT_TRUNCATED;
	for (uint64_t i = 1; i < count; i++) {
		if (!section_is_named(bytes, names, sh[i].sh_name, name))
			continue;
		if (sh[i].sh_type == SHT_NOBITS || !range_fits(sh[i].sh_offset, sh[i].sh_size, size))
			return FAULT_TRUNCATED;
		*section = bytes + sh[i].sh_offset;
		*section_size = sh[i].sh_size;
		return FAULT_NONE;
	}
	return FAULT_NO_SECTION;
}

enum hp_fault hp_patch_find(const void *file, uint64_t size, const void **section, uint64_t *section_size)
{
	enum hp_fault fault = hp_section_find(file, size, HP_PATCH_SECTION, section, section_size);

	return fault ? fault : ((const uint8_t *)*section - (const uint8_t *)file) % 8 ? FAULT_HEADER : FAULT_NONE;
}

/* ---- the section ------------------------------------------------------------------------------------------------- */

void hp_patch_id(const struct hp_patch *p, uint8_t id[HP_ID_SIZE])
{
	static const uint8_t zero[HP_ID_SIZE];
	struct sha1 s;
	uint32_t after = offsetof(struct hp_patch, id) + HP_ID_SIZE;

	sha1_init(&s);
	sha1_feed(&s, p, offsetof(struct hp_patch, id));
	sha1_feed(&s, zero, HP_ID_SIZE);
	sha1_feed(&s, hp_patch_at(p, after), p->size - after);
	sha1_finish(&s, id);
}

/* Does a table of COUNT entries of SIZE bytes at OFFSET lie in the section, behind its header? */
static bool table_fits(const struct hp_patch *p, uint32_t offset, uint32_t count, uint32_t size)
{
	if (!count)
		return true;
	return offset % 8 == 0 && offset >= sizeof *p && range_fits(offset, (uint64_t)count * size, p->size);
}

static bool data_fits(const struct hp_patch *p, uint32_t offset, uint32_t size)
{
	return offset >= sizeof *p && range_fits(offset, size, p->size);
}

/* One past the last NUL among SIZE bytes: a string that starts below ends inside. */
static uint32_t strings_end(const void *bytes, uint32_t size)
{
	const uint8_t *b = bytes;

	while (size && b[size - 1])
		size--;
	return size;
}

static enum hp_fault check_header(const struct hp_patch *p, uint64_t size)
{
	if (size < sizeof *p)
		return FAULT_TRUNCATED;
	if (!bytes_equal(p->magic, HP_PATCH_MAGIC, sizeof p->magic))
		return FAULT_MAGIC;
	if (p->version != HP_ABI_VERSION && !hp_broken("patch-version"))
		return FAULT_VERSION;
	if (p->size != size)
		return FAULT_TRUNCATED;
	if (!p->build_id_size || p->build_id_size > sizeof p->build_id ||
	    p->flags & ~(uint32_t)(HP_PATCH_QUIESCENT | HP_PATCH_MAPPED | HP_PATCH_STARTUP | HP_PATCH_DROPS |
				   HP_PATCH_STAYS))
		return FAULT_HEADER;
	if (!p->nhook != !p->hooks || p->hooks % 8 ||
	    (p->hooks && !range_inside(p->hooks, sizeof(struct hp_hooks), p->reserve, p->reserve_end)))
		return FAULT_HEADER;
	if (p->arena > p->arena_end || p->arena_used > p->arena_end - p->arena || p->reserve > p->reserve_end ||
	    p->reserve_used > p->reserve_end - p->reserve)
		return FAULT_HEADER;
	return FAULT_NONE;
}

static enum hp_fault check_tables(const struct hp_patch *p)
{
	uint32_t strings = strings_end(p, p->size);

	if (p->label < sizeof *p || p->label >= strings)
		return FAULT_TABLE;
	if (!table_fits(p, p->write, p->nwrite, sizeof(struct hp_write)) ||
	    !table_fits(p, p->func, p->nfunc, sizeof(struct hp_func)) ||
	    !table_fits(p, p->segment, p->nsegment, sizeof(struct hp_segment)) ||
	    !table_fits(p, p->hook, p->nhook, sizeof(struct hp_hook_name)))
		return FAULT_TABLE;
	for (uint32_t i = 0; i < p->nhook; i++) {
		const struct hp_hook_name *h = &hp_patch_hooks(p)[i];

		if (h->name < sizeof *p || h->name >= strings || h->when > HP_HOOK_POST_REVERT)
			return FAULT_TABLE;
	}
	for (uint32_t i = 0; i < p->nfunc; i++) {
		const struct hp_func *f = &hp_patch_funcs(p)[i];

		if (f->name < sizeof *p || f->name >= strings || f->old + f->old_size < f->old ||
		    f->new_ + f->new_size < f->new_)
			return FAULT_TABLE;
	}
	return FAULT_NONE;
}

/* The rules of each phase, see enum hp_phase. */
static bool write_is_legal(const struct hp_patch *p, const struct hp_write *w, const struct hp_write *before)
{
	switch (w->phase) {
	case HP_IMAGE:
		return range_inside(w->addr, w->size, p->arena, p->arena_end);
	case HP_UNWIND:
		return w->size == 8 && (!before || before->phase != HP_UNWIND ||
					(p->flags & HP_PATCH_MAPPED ? w->addr > before->addr : w->addr < before->addr));
	case HP_ROOM:
		return w->size == HP_ROOM_SIZE;
	case HP_ENTRY:
		return w->size == 1 || (w->size == 8 && w->addr % 8 == 0);
	}
	return false;
}

/* No byte of the section is image twice, which bounds the work that a small file can make. */
static enum hp_fault check_writes(const struct hp_patch *p)
{
	const struct hp_write *w = hp_patch_writes(p), *before = NULL;
	uint64_t image = 0;

	for (uint32_t i = 0; i < p->nwrite; i++, before = w++) {
		if (!w->size || w->addr + w->size < w->addr || !data_fits(p, w->new_, w->size) ||
		    (w->old && !data_fits(p, w->old, w->size)))
			return FAULT_RECORD;
		if ((before && w->phase < before->phase) || !write_is_legal(p, w, before))
			return FAULT_RECORD;
		image += w->phase == HP_IMAGE ? w->size : 0;
	}
	return image <= p->size ? FAULT_NONE : FAULT_RECORD;
}

/* Segments take whole pages of the reserve's upper half, ascending, and are never writable. */
static enum hp_fault check_segment_table(const struct hp_patch *p)
{
	const struct hp_segment *s = hp_patch_segments(p);
	uint64_t free = hp_reserve_code(p->reserve, p->reserve_end);

	if (!p->nsegment != !(p->flags & HP_PATCH_MAPPED))
		return FAULT_SEGMENT;
	for (uint32_t i = 0; i < p->nsegment; i++, s++) {
		if (s->addr % PAGE || s->file % PAGE || !s->memsz || s->filesz > s->memsz || s->addr < free ||
		    s->memsz > UINT64_MAX - PAGE ||
		    !range_inside(s->addr, (s->memsz + PAGE - 1) & -PAGE, free, p->reserve_end))
			return FAULT_SEGMENT;
		if (s->prot != (1 | 4))         /* PROT_READ | PROT_EXEC */
			return FAULT_SEGMENT;
		free = s->addr + ((s->memsz + PAGE - 1) & -PAGE);
	}
	return FAULT_NONE;
}

enum hp_fault hp_patch_check_segments(const struct hp_patch *p, const void *file, uint64_t size)
{
	const struct hp_segment *s = hp_patch_segments(p);

	for (uint32_t i = 0; i < p->nsegment; i++, s++) {
		uint8_t digest[SHA1_SIZE];
		struct sha1 sum;

		if (!range_fits(s->file, s->filesz, size))
			return FAULT_TRUNCATED;
		sha1_init(&sum);
		sha1_feed(&sum, (const uint8_t *)file + s->file, s->filesz);
		sha1_finish(&sum, digest);
		if (!bytes_equal(digest, &s->check, sizeof s->check) && !hp_broken("patch-segments"))
			return FAULT_DAMAGED;
	}
	return FAULT_NONE;
}

static bool line_extents_fit(const struct hp_patch *p, const struct hp_line *l)
{
	bool mapped = p->flags & HP_PATCH_MAPPED;
	uint64_t from = mapped ? hp_reserve_code(p->reserve, p->reserve_end) : p->arena;
	uint64_t to = mapped ? p->reserve_end : p->arena_end;

	return l->image >= from && l->image <= l->code_end && l->code_end <= to && l->end >= p->arena &&
	       (mapped || l->end >= l->image) && l->end <= p->arena_end && l->reserve_used >= p->reserve &&
	       l->reserve_used <= p->reserve_end;
}

static bool variable_fits(const struct hp_patch *p, const struct hp_var *v)
{
	if (v->flags & HP_VAR_TLS)
		return range_inside(v->addr, v->size, 0, p->tls_used);
	return !v->flags && range_inside(v->addr, v->size, p->reserve, p->reserve_end);
}

static enum hp_fault check_line(const struct hp_patch *p)
{
	uint32_t strings = strings_end(p, p->size);
	const struct hp_line *l = hp_patch_line(p);

	if (!l)
		return FAULT_NONE;
	if (!table_fits(p, p->line, 1, sizeof *l) || !line_extents_fit(p, l) ||
	    !table_fits(p, l->var, l->nvar, sizeof(struct hp_var)) ||
	    !table_fits(p, l->base, l->nbase, sizeof(struct hp_base)))
		return FAULT_TABLE;
	for (uint32_t i = 0; i < l->nvar; i++) {
		const struct hp_var *v = (const struct hp_var *)hp_patch_at(p, l->var) + i;

		if (v->name < sizeof *p || v->name >= strings || v->file < sizeof *p || v->file >= strings ||
		    !variable_fits(p, v))
			return FAULT_TABLE;
	}
	return FAULT_NONE;
}

/* The image record that holds the byte at ADDR, NULL when none does. */
static const struct hp_write *image_record(const struct hp_patch *p, uint64_t addr)
{
	const struct hp_write *w = hp_patch_writes(p);

	for (uint32_t i = 0; i < p->nwrite && w[i].phase == HP_IMAGE; i++)
		if (range_inside(addr, 1, w[i].addr, w[i].addr + w[i].size))
			return &w[i];
	return NULL;
}

const struct hp_boot *hp_patch_boot(const struct hp_patch *p)
{
	const struct hp_write *w = p->boot ? image_record(p, p->boot) : NULL;

	return w ? hp_patch_at(p, w->new_ + (uint32_t)(p->boot - w->addr)) : NULL;
}

static enum hp_fault check_boot(const struct hp_patch *p)
{
	const struct hp_bounds bounds = hp_bounds(p->arena, p->arena_end, p->reserve, p->reserve_end);
	const struct hp_write *w;

	if (!p->boot)
		return FAULT_NONE;
	w = image_record(p, p->boot);
	if (!w)
		return FAULT_BOOT;
	return hp_boot_check(hp_patch_boot(p), w->addr + w->size - p->boot, &bounds);
}

enum hp_fault hp_patch_check(const void *section, uint64_t size)
{
	const struct hp_patch *p = section;
	uint8_t id[HP_ID_SIZE];
	enum hp_fault fault = check_header(p, size);

	if (fault)
		return fault;
	hp_patch_id(p, id);
	if (!bytes_equal(id, p->id, HP_ID_SIZE) && !hp_broken("patch-checksum"))
		return FAULT_DAMAGED;
	fault = hp_broken("patch-tables") ? FAULT_NONE : check_tables(p);
	if (!fault && !hp_broken("patch-writes"))
		fault = check_writes(p);
	if (!fault && !hp_broken("patch-segment-table"))
		fault = check_segment_table(p);
	if (!fault && !hp_broken("patch-line"))
		fault = check_line(p);
	if (!fault && !hp_broken("patch-boot"))
		fault = check_boot(p);
	return fault;
}

/* ---- the boot record --------------------------------------------------------------------------------------------- */

static bool boot_table_fits(const struct hp_boot *b, uint32_t offset, uint32_t count, uint32_t size)
{
	if (!count)
		return true;
	return offset % 8 == 0 && offset >= sizeof *b && range_fits(offset, (uint64_t)count * size, b->size);
}

static bool place_is_ours(const struct hp_bounds *in, uint64_t addr, uint64_t size)
{
	return range_inside(addr, size, in->reserve, in->reserve_end) ||
	       range_inside(addr, size, in->arena, in->arena_end);
}

static bool check_inits(const struct hp_boot *b, const struct hp_bounds *bounds)
{
	const struct hp_init *init = hp_boot_at(b, b->init);
	uint64_t all = 0;

	for (uint32_t i = 0; i < b->ninit; i++) {
		if (!range_fits(init[i].src, init[i].size, b->size) ||
		    !place_is_ours(bounds, init[i].dst, init[i].size))
			return false;
		all += init[i].size;
	}
	return all <= b->size;
}

static bool check_rels(const struct hp_boot *b, const struct hp_bounds *bounds)
{
	const struct hp_rel *rel = hp_boot_at(b, b->rel);

	for (uint32_t i = 0; i < b->nrel; i++)
		if (!place_is_ours(bounds, rel[i].where, 8))
			return false;
	return true;
}

static bool check_binds(const struct hp_boot *b, const struct hp_bounds *bounds)
{
	const struct hp_bind *bind = hp_boot_at(b, b->bind);
	uint32_t strings = strings_end(b, b->size);

	for (uint32_t i = 0; i < b->nbind; i++) {
		if (!place_is_ours(bounds, bind[i].where, 8) || bind[i].kind > HP_BIND_ALONE)
			return false;
		if (bind[i].name < sizeof *b || bind[i].name >= strings || bind[i].version >= strings)
			return false;
	}
	return true;
}

/* What may be read is for the target to say. */
static bool check_copies(const struct hp_boot *b, const struct hp_bounds *bounds)
{
	const struct hp_copy *copy = hp_boot_at(b, b->copy);

	for (uint32_t i = 0; i < b->ncopy; i++)
		if (!place_is_ours(bounds, copy[i].where, 8) || copy[i].from % 8)
			return false;
	return true;
}

/* Where a variable may stand is for the target to say. The sum bounds the work. */
static bool check_values(const struct hp_boot *b, const struct hp_bounds *in)
{
	const struct hp_value *v = hp_boot_at(b, b->value);
	uint64_t all = 0;

	for (uint32_t i = 0; i < b->nvalue; i++) {
		if (!v[i].size || v[i].dst + v[i].size < v[i].dst || v[i].saved % 8 ||
		    v[i].flags & ~(uint32_t)VALUE_FLAGS ||
		    !range_inside(v[i].src, v[i].size, in->reserve, in->reserve_end) ||
		    !range_inside(v[i].saved, sizeof(struct hp_saved) + v[i].size, in->reserve, in->reserve_end))
			return false;
		all += v[i].size;
	}
	return all <= in->reserve_end - in->reserve;
}

enum hp_fault hp_boot_check(const struct hp_boot *b, uint64_t limit, const struct hp_bounds *bounds)
{
	if ((uintptr_t)b % 8 || limit < sizeof *b || b->magic != HP_BOOT_MAGIC || b->size < sizeof *b ||
	    b->size > limit)
		return FAULT_BOOT;
	if (!boot_table_fits(b, b->init, b->ninit, sizeof(struct hp_init)) ||
	    !boot_table_fits(b, b->rel, b->nrel, sizeof(struct hp_rel)) ||
	    !boot_table_fits(b, b->bind, b->nbind, sizeof(struct hp_bind)) ||
	    !boot_table_fits(b, b->copy, b->ncopy, sizeof(struct hp_copy)) ||
	    !boot_table_fits(b, b->value, b->nvalue, sizeof(struct hp_value)))
		return FAULT_BOOT;
	return check_inits(b, bounds) && check_rels(b, bounds) && check_binds(b, bounds) && check_copies(b, bounds) &&
	       check_values(b, bounds) ? FAULT_NONE : FAULT_BOOT;
}

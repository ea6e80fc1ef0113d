/* SPDX-License-Identifier: MIT */
/*
 * The modules of a process, as its memory has them.
 *
 * A mapping at file offset 0 that begins with an ELF header, whose load segments stand where its program headers say,
 * and whose notes hold a build-id and the plugin's note, is a module. An ELF file that is mapped as plain data fails
 * the test because its arena is not executable there. Every number is the process's own claim: sums are checked for
 * overflow, and everything that will be written to must lie inside the module's extent, in mappings with the right
 * permissions, before the module is believed.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include "ctl.h"

#define HEADS 4096                      /* bytes read at once: ELF header, program headers and mostly the notes */
#define PHDRS_MAX 128
#define NOTES_MAX 65536                 /* of all note segments of a module */

struct view {
	const struct proc *p;
	uint64_t at;                    /* run-time address of the ELF header */
	unsigned char head[HEADS];
	size_t have;
	Elf64_Phdr phdr[PHDRS_MAX];
	unsigned nphdr;
};

/* Reads at run-time address addr, from the bytes at hand if possible. */
static bool view_read(const struct view *v, uint64_t addr, void *buf, size_t n)
{
	if (addr >= v->at && addr - v->at <= v->have && n <= v->have - (addr - v->at)) {
		memcpy(buf, v->head + (addr - v->at), n);
		return true;
	}
	return proc_read(v->p, addr, buf, n);
}

static bool view_open(struct view *v, const struct proc *p, const struct map *map)
{
	Elf64_Ehdr ehdr;
	uint64_t size = map->end - map->start;

	v->p = p;
	v->at = map->start;
	v->have = proc_read_some(p, map->start, v->head, size < HEADS ? size : HEADS);
	if (v->have < sizeof(ehdr))
		return false;
	memcpy(&ehdr, v->head, sizeof(ehdr));
	if (memcmp(ehdr.e_ident, ELFMAG, SELFMAG) || ehdr.e_ident[EI_CLASS] != ELFCLASS64 ||
	    ehdr.e_ident[EI_DATA] != ELFDATA2LSB || ehdr.e_machine != EM_X86_64 ||
	    (ehdr.e_type != ET_EXEC && ehdr.e_type != ET_DYN) || ehdr.e_phentsize != sizeof(Elf64_Phdr) ||
	    ehdr.e_phnum == 0 || ehdr.e_phnum > PHDRS_MAX || ehdr.e_phoff > 1 << 30)
		return false;
	v->nphdr = ehdr.e_phnum;
	return view_read(v, v->at + ehdr.e_phoff, v->phdr, v->nphdr * sizeof(Elf64_Phdr));
}

/* Load base and extent; false when the headers do not fit the mapping that holds them. */
static bool extent(const struct view *v, struct module *m)
{
	uint64_t low = UINT64_MAX, high = 0;
	bool based = false;

	for (unsigned i = 0; i < v->nphdr; i++) {
		const Elf64_Phdr *ph = &v->phdr[i];
		if (ph->p_type != PT_LOAD || ph->p_memsz == 0)
			continue;
		if (ph->p_vaddr + ph->p_memsz < ph->p_vaddr || ph->p_vaddr + ph->p_memsz > INT64_MAX)
			return false;
		if (ph->p_offset == 0 && !based) {
			m->base = v->at - ph->p_vaddr;
			based = true;
		}
		low = ph->p_vaddr < low ? ph->p_vaddr : low;
		high = ph->p_vaddr + ph->p_memsz > high ? ph->p_vaddr + ph->p_memsz : high;
	}
	if (!based || low >= high)
		return false;
	m->low = m->base + low;
	m->high = m->base + high;
	return m->low < m->high && m->high <= INT64_MAX;
}

static bool inside(const struct module *m, uint64_t addr, uint64_t size)
{
	uint64_t at = m->base + addr;

	return at >= m->low && at <= m->high && size <= m->high - at;
}

/* The plugin's note, whose descriptor stands at ADDR of the file. */
static void take_hotpatch(struct module *m, uint64_t addr, const void *desc, size_t size)
{
	struct hp_note note;

	if (size < sizeof(note))
		return;
	memcpy(&note, desc, sizeof(note));
	if (note.version != HP_ABI_VERSION)
		return;
	m->note = addr;
	m->arena = addr + (uint64_t)(int64_t)note.arena;
	m->arena_end = addr + (uint64_t)(int64_t)note.arena_end;
	m->reserve = addr + (uint64_t)(int64_t)note.reserve;
	m->reserve_end = addr + (uint64_t)(int64_t)note.reserve_end;
	m->registry_at = addr + (uint64_t)(int64_t)note.registry;
	m->stub = addr + (uint64_t)(int64_t)note.stub;
	m->chunk = note.chunk;
	m->tls = note.tls;
}

static void take_note(struct module *m, uint32_t type, const char *name, size_t namesz, uint64_t addr,
		      const void *desc, size_t descsz)
{
	if (namesz == 4 && !memcmp(name, "GNU", 4) && type == NT_GNU_BUILD_ID && descsz &&
	    descsz <= sizeof(m->build_id)) {
		memcpy(m->build_id, desc, descsz);
		m->build_id_size = (uint32_t)descsz;
	}
	if (namesz == sizeof(HP_NOTE_NAME) && !memcmp(name, HP_NOTE_NAME, namesz) && type == HP_NOTE_TYPE)
		take_hotpatch(m, addr, desc, descsz);
}

static void walk_notes(struct module *m, const unsigned char *buf, size_t size, uint64_t addr, uint64_t align)
{
	size_t pad = align == 8 ? 7 : 3;

	for (size_t at = 0; at <= size && size - at >= sizeof(Elf64_Nhdr);) {
		Elf64_Nhdr head;
		memcpy(&head, buf + at, sizeof(head));
		size_t name = at + sizeof(head);
		if (head.n_namesz > size || head.n_descsz > size)
			return;
		size_t desc = (name + head.n_namesz + pad) & ~pad;
		if (desc > size || head.n_descsz > size - desc)
			return;
		take_note(m, head.n_type, (const char *)buf + name, head.n_namesz, addr + desc, buf + desc,
			  head.n_descsz);
		at = (desc + head.n_descsz + pad) & ~pad;
	}
}

static void read_notes(const struct view *v, struct module *m)
{
	static unsigned char buf[NOTES_MAX];
	size_t left = sizeof(buf);

	for (unsigned i = 0; i < v->nphdr; i++) {
		const Elf64_Phdr *ph = &v->phdr[i];
		if (ph->p_type == PT_DYNAMIC && inside(m, ph->p_vaddr, ph->p_memsz))
			m->dynamic = m->base + ph->p_vaddr;
		if (ph->p_type == PT_TLS) {
			m->tls_size = ph->p_memsz;
			m->tls_align = ph->p_align;
		}
		if (ph->p_type != PT_NOTE || ph->p_filesz > left || !inside(m, ph->p_vaddr, ph->p_filesz))
			continue;
		left -= ph->p_filesz;
		if (view_read(v, m->base + ph->p_vaddr, buf, ph->p_filesz))
			walk_notes(m, buf, ph->p_filesz, ph->p_vaddr, ph->p_align);
	}
}

/* Are arena, reserve and registry where code and data may be written? */
static bool places_fit(const struct proc *p, const struct module *m)
{
	return m->arena < m->arena_end && inside(m, m->arena, m->arena_end - m->arena) &&
	       maps_cover(&p->maps, m->base + m->arena, m->arena_end - m->arena, false, true) &&
	       m->reserve <= m->reserve_end && inside(m, m->reserve, m->reserve_end - m->reserve) &&
	       inside(m, m->registry_at, sizeof(struct hp_registry)) &&
	       maps_cover(&p->maps, m->base + m->registry_at, sizeof(struct hp_registry), true, false);
}

bool module_reload_registry(const struct proc *p, struct module *m)
{
	struct hp_registry *r = &m->registry;

	if (!proc_read(p, m->base + m->registry_at, r, sizeof(*r)))
		return m->registry_ok = false;
	r->label[sizeof(r->label) - 1] = '\0';
	m->registry_ok = r->magic == HP_REGISTRY_MAGIC && r->version == HP_ABI_VERSION && r->state <= HP_ACTIVE &&
			 r->beside.state <= HP_BESIDE_LEFT;
	hooks_read(p, m);
	return true;
}

bool module_is(const struct module *m, const uint8_t *build_id, uint32_t size)
{
	return m->build_id_size == size && !memcmp(m->build_id, build_id, size);
}

static bool module_read(const struct proc *p, const struct map *map, struct module *m)
{
	static struct view v;
	static const char gone[] = " (deleted)";
	size_t length = strlen(map->name);

	*m = (struct module){0};
	if (!view_open(&v, p, map) || !extent(&v, m))
		return false;
	read_notes(&v, m);
	if (!m->note || !m->build_id_size || !places_fit(p, m) || !module_reload_registry(p, m))
		return false;
	m->deleted = length > sizeof(gone) - 1 && !strcmp(map->name + length - (sizeof(gone) - 1), gone);
	m->path = strndup(map->name, m->deleted ? length - (sizeof(gone) - 1) : length);
	return m->path;
}

void modules_find(struct proc *p)
{
	size_t room = 0;

	modules_release(p);
	for (size_t i = 0; i < p->maps.count; i++) {
		const struct map *map = &p->maps.list[i];
		struct module m;
		if (map->offset || !map->inode || !map->read || !module_read(p, map, &m))
			continue;
		if (p->nmodules == room) {
			room = room ? 2 * room : 2;
			struct module *list = reallocarray(p->modules, room, sizeof(*list));
			if (!list) {
				free(m.path);
				return;
			}
			p->modules = list;
		}
		p->modules[p->nmodules++] = m;
	}
}

void modules_release(struct proc *p)
{
	for (size_t i = 0; i < p->nmodules; i++)
		free(p->modules[i].path);
	free(p->modules);
	p->modules = NULL;
	p->nmodules = 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Own memory as a target.
 *
 * Problem: at startup a process changes its own code, under policies that forbid to make code writable (MDWE, seccomp,
 * SELinux). Method: data is written as usual; all else goes through /proc/self/mem, which needs no change of
 * protection; where that is denied (not dumpable, no /proc) each page is made writable for a moment. Whether one of
 * both works is tried out before the first write. All addresses are checked against the module's PT_LOADs.
 * Left out: other threads. Nobody runs code of a module before its constructors.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include "break.h"
#include "bytes.h"
#include "own.h"
#include "sys.h"

#define PAGE 4096ULL
#define PAGES_BELOW 16                  /* how far above the ELF header the note may stand */

/* ---- the module -------------------------------------------------------------------------------------------------- */

/* Is there an ELF header at E whose first segment reaches up to ADDR? Sets the load base. */
static bool header_covers(struct own *o, const Elf64_Ehdr *e, uint64_t addr)
{
	const Elf64_Phdr *p;

	if (!bytes_equal(e->e_ident, ELFMAG, SELFMAG) || e->e_phentsize != sizeof *p || !e->e_phoff ||
	    e->e_phoff + e->e_phnum * sizeof *p > PAGE)
		return false;
	o->ehdr = e;
	o->phdrs = p = (const void *)((const char *)e + e->e_phoff);
	for (unsigned i = 0; i < e->e_phnum; i++, p++) {
		if (p->p_type != PT_LOAD || p->p_offset || addr - (uint64_t)e >= p->p_filesz)
			continue;
		o->target.base = (uint64_t)e - p->p_vaddr;
		return true;
	}
	return false;
}

/* The linker puts notes right behind the headers. Pages below the note's own are asked for before they are touched. */
static bool find_header(struct own *o, uint64_t addr)
{
	uint64_t page = addr & -PAGE;
	unsigned char resident;

	for (unsigned i = 0; i < PAGES_BELOW; i++, page -= PAGE) {
		if (i && sys3(__NR_mincore, (long)page, PAGE, (long)&resident) < 0)
			return false;
		if (header_covers(o, (const void *)page, addr))
			return true;
	}
	return false;
}

static uint64_t round4(uint64_t n)
{
	return (n + 3) & -4ULL;
}

/* Notes that are padded to 8 (GNU_PROPERTY) have segments of their own. */
static bool find_build_id(struct own *o, const Elf64_Phdr *p)
{
	const uint8_t *at = (const uint8_t *)(o->target.base + p->p_vaddr);
	uint64_t left = p->p_memsz;

	while (left >= sizeof(Elf64_Nhdr)) {
		const Elf64_Nhdr *n = (const void *)at;
		uint64_t name = round4(n->n_namesz), size = sizeof *n + name + round4(n->n_descsz);

		if (size > left)
			return false;
		if (n->n_type == NT_GNU_BUILD_ID && n->n_namesz == 4 && bytes_equal(n + 1, "GNU", 4) && n->n_descsz &&
		    n->n_descsz <= sizeof ((struct hp_patch *)0)->build_id) {
			o->build_id = at + sizeof *n + name;
			o->build_id_size = n->n_descsz;
			return true;
		}
		at += size;
		left -= size;
	}
	return false;
}

/* ---- reading and writing ----------------------------------------------------------------------------------------- */

static bool phdr_holds(const Elf64_Phdr *p, unsigned type, uint64_t addr, uint64_t size)
{
	return p->p_type == type && range_inside(addr, size, p->p_vaddr, p->p_vaddr + p->p_memsz);
}

/* Protection of the pages at ADDR, 0 when they are not the module's. */
static int protection(const struct own *o, uint64_t addr, uint64_t size)
{
	int prot = 0;

	for (uint32_t i = 0; o->patch && i < o->patch->nsegment; i++) {
		const struct hp_segment *s = &hp_patch_segments(o->patch)[i];

		if (range_inside(addr, size, s->addr, s->addr + s->memsz))
			return s->prot;
	}
	for (unsigned i = 0; i < o->ehdr->e_phnum; i++) {
		const Elf64_Phdr *p = &o->phdrs[i];

		if (phdr_holds(p, PT_LOAD, addr, size))
			prot = PROT_READ | (p->p_flags & PF_W ? PROT_WRITE : 0) | (p->p_flags & PF_X ? PROT_EXEC : 0);
	}
	for (unsigned i = 0; i < o->ehdr->e_phnum; i++)
		if (phdr_holds(&o->phdrs[i], PT_GNU_RELRO, addr, 1) && !hp_broken("own-relro"))
			prot &= ~PROT_WRITE;
	return prot;
}

static int own_read(struct target *t, uint64_t addr, void *to, uint64_t size)
{
	if (!protection(t->ctx, addr, size))
		return -1;
	bytes_copy(to, (const void *)(t->base + addr), size);
	return 0;
}

static int write_by_mem(const struct own *o, uint64_t at, const uint8_t *from, uint64_t size)
{
	while (size) {
		long n = sys_pwrite(o->mem, from, size, at);

		if (n <= 0)
			return -1;
		at += n;
		from += n;
		size -= n;
	}
	return 0;
}

static int write_by_mprotect(uint64_t at, const void *from, uint64_t size, int prot)
{
	uint64_t page = at & -PAGE, span = ((at + size + PAGE - 1) & -PAGE) - page;

	if (sys_mprotect(page, span, prot | PROT_WRITE) < 0)
		return -1;
	bytes_copy((void *)at, from, size);
	return sys_mprotect(page, span, prot) < 0 ? -1 : 0;
}

static int own_write(struct target *t, uint64_t addr, const void *from, uint64_t size)
{
	const struct own *o = t->ctx;
	int prot = protection(o, addr, size);

	if (!prot)
		return -1;
	if (prot & PROT_WRITE) {
		bytes_copy((void *)(t->base + addr), from, size);
		return 0;
	}
	if (o->mem >= 0 && !hp_broken("own-mem"))
		return write_by_mem(o, t->base + addr, from, size);
	return write_by_mprotect(t->base + addr, from, size, prot);
}

bool own_init(struct own *o, const struct hp_note *note)
{
	bytes_fill(o, 0, sizeof *o);
	o->mem = -1;
	o->target.read = own_read;
	o->target.write = own_write;
	o->target.capabilities = TARGET_RUNS | TARGET_FRESH;
	o->target.ctx = o;
	if (!find_header(o, (uint64_t)note))
		return false;
	for (unsigned i = 0; i < o->ehdr->e_phnum; i++)
		if (o->phdrs[i].p_type == PT_NOTE && o->phdrs[i].p_align != 8 && find_build_id(o, &o->phdrs[i]))
			return true;
	return false;
}

/* One byte of the arena is written over itself. */
static bool can_write(struct own *o, uint64_t addr)
{
	uint8_t byte;

	return !own_read(&o->target, addr, &byte, 1) && !own_write(&o->target, addr, &byte, 1);
}

bool own_open(struct own *o, uint64_t addr)
{
	o->mem = sys_open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	if (o->mem >= 0 && can_write(o, addr))
		return true;
	own_close(o);
	return !hp_broken("own-mprotect") && can_write(o, addr);
}

void own_close(struct own *o)
{
	if (o->mem >= 0)
		sys_close(o->mem);
	o->mem = -1;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the readers of one image (read.c, symbols.c, dynamic.c, eh.c, refs.c, reloc.c) share and nobody else sees.
 *
 * struct input is the file as it lies in memory: a private read-only mapping, and pointers into its tables. read.c has
 * checked when the others start: headers lie in the file, string tables end in NUL, entry sizes are right, sections'
 * contents are inside the file. Not checked, and to be checked at each use: everything inside a table's entries.
 */
#ifndef HOTPATCH_READ_H
#define HOTPATCH_READ_H

#include <elf.h>
#include "diff.h"

#define LITERAL UINT32_MAX              /* in object_of: a .LC symbol, name of a constant of the compiler */

/* A dynamic relocation: what the loader does with the word at AT. */
struct dynrel { uint64_t at; int64_t addend; uint32_t type, sym; };

struct input {
	void *bfd;                      /* read.c */
	uint8_t *raw; uint64_t size;
	const Elf64_Ehdr *ehdr;
	const Elf64_Shdr *shdr; uint32_t nshdr;
	const Elf64_Phdr *phdr; uint32_t nphdr;
	struct section **by_index;      /* section header index -> section, NULL: header 0 */
	struct section **by_addr; uint32_t nby_addr;    /* loaded ones without .tbss, ascending */
	uint32_t stretch[4096]; uint64_t low; unsigned shift;   /* image_section_at(): where to start in by_addr */
	uint32_t symtab;                /* section header index of .symtab */
	const Elf64_Sym *sym; uint32_t nsym;
	const char *str; uint64_t nstr;

	uint32_t *object_of;            /* symbols.c: symbol -> index of its object + 1; 0: none; or LITERAL */
	uint32_t *outer;                /* symbols.c: object -> index + 1 of the one around it; NULL: no two overlap */
	struct names *names;            /* symbols.c: objects by name, NULL until it is asked for */
	uint64_t got;                   /* symbols.c: address of _GLOBAL_OFFSET_TABLE_, 0: there is none */
	struct alias *aliases;          /* symbols.c: memory of all aliases */

	const Elf64_Sym *dynsym; uint32_t ndynsym;      /* dynamic.c */
	const char *dynstr; uint64_t ndynstr;
	const uint16_t *versym;         /* ndynsym of them, or NULL */
	const char **versions; uint32_t nversions;      /* by version index; NULL: none or the base version */
	struct dynrel *dynrels; uint32_t ndynrels;      /* ascending by address */
	void *interned;                 /* hash of import names, which it owns */
	struct cie *cies; uint32_t ncies;               /* eh.c */
};

static inline struct input *input_of(const struct image *img) { return img->private; }

/* Contents of section header I, NULL when it has none. */
static inline const uint8_t *input_bytes(const struct input *in, uint32_t i)
{
	return in->shdr[i].sh_type == SHT_NOBITS ? NULL : in->raw + in->shdr[i].sh_offset;
}

/* A name of .symtab or .dynsym by its offset; "" for one outside the table. */
static inline const char *input_name(const struct input *in, uint32_t off)
{
	return off < in->nstr ? in->str + off : "";
}

/* read.c: as image_read(), but also takes files that the plugin did not build, and without relocations: for tests. */
struct image *image_read_any(const char *path, enum cause *cause);

/* Something at an address. In symbols.c: a symbol that becomes an object or one of its names. */
struct place { uint64_t addr, size; uint32_t sym, section; };

/* Takes C over and gives back the same, ascending by section and address; equal ones keep their order. */
struct place *sort_places(struct place *c, uint32_t n);

/* symbols.c: img->objects and the tables of image_object_at(). */
void symbols_collect(struct image *img);
void symbols_release(struct image *img);
/* Address of symbol SYM: for TLS ones in the TLS image. */
uint64_t symbol_address(const struct image *img, const Elf64_Sym *sym);
struct object *symbol_object(const struct image *img, uint32_t sym);
/* image_object_at() for an ADDR in section S. */
struct object *object_in(const struct image *img, const struct section *s, uint64_t addr);
/* The sized object at ADDR of the TLS image (.tbss shares its addresses with what follows it). */
struct object *tls_object_at(const struct image *img, uint64_t addr);
/* The last sized object of S that starts at or below ADDR; labels are skipped. */
struct object *object_before(const struct image *img, const struct section *s, uint64_t addr);
/* The last object or label of section S that begins at ADDR or before it; NULL when none does. */
struct object *name_before(const struct image *img, const struct section *s, uint64_t addr);
/* Where the next object or label behind O, and behind its end, begins in its section; else the end of that. */
uint64_t next_name(const struct object *o);

/* dynamic.c: dynamic symbols and relocations, img->gots and img->plts. */
void dynamic_collect(struct image *img);
void dynamic_release(struct image *img);
/* The dynamic relocation of the word at ADDR, NULL when there is none. */
const struct dynrel *dynrel_at(const struct input *in, uint64_t addr);
/* "name" or "name@VERSION" of a dynamic symbol, interned; NULL for a bad index or without a name. */
const char *dynsym_import(const struct image *img, uint32_t dynsym);
struct plt *plt_at(const struct image *img, uint64_t addr);
bool is_plt(const struct section *s);
/* The GOT slot that the PLT entry at offset AT of S jumps through, NULL: not known; *size: of the entry. */
const struct got *plt_slot(const struct image *img, const struct section *s, uint64_t at, uint32_t *size);
struct got *got_at(const struct image *img, uint64_t addr);
/* Name of the IFUNC whose resolver is at ADDR, interned. */
const char *ifunc_import(const struct image *img, uint64_t addr);

/* As imports are named, for a symbol by its name alone. */
const char *import_named(const struct image *img, const char *name);

/* relocatable.c: gives the sections addresses, before they are read; false when the headers make no sense. Then moves
 * symbols and relocations there and fills the fields in. */
bool relocatable_place(struct image *img);
void relocatable_link(struct image *img);
/* Branches to other functions of S for which REFS, N of them and sorted, has none: appends them; their number, which is
 * at most a fifth of the bytes of S. */
uint32_t relocatable_branches(const struct image *img, const struct section *s, struct ref *refs, uint32_t n);

/* eh.c: img->fdes, the objects' fde, eh_frame_hdr. */
void eh_collect(struct image *img);
void eh_release(struct image *img);

/* The same backwards. */
uint64_t tls_address(const struct image *img, int64_t tpoff);

#endif

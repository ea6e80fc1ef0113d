/* SPDX-License-Identifier: MIT */
/* Symbols of the modules that the dynamic linker has loaded into this process. */
#ifndef HOTPATCH_BIND_H
#define HOTPATCH_BIND_H

#include <link.h>
#include <stdint.h>

#define BIND_MODULES 2048               /* modules beyond that number are searched last */

/* A set of loaded modules, by their place in the dynamic linker's list. */
struct module_set {
	uint64_t bits[BIND_MODULES / 64];
};

struct bind_scope {
	const Elf64_Phdr *phdrs;        /* of the executable: AT_PHDR, AT_PHNUM */
	uint64_t nphdrs;
	uint64_t base;                  /* load base of the module that imports */

	const struct link_map *list;    /* by the first bind_symbol(): the list that the module is in, and its scopes */
	struct module_set global, local;
};

/* An hp_resolver; CTX is a struct bind_scope with LIST NULL and the fields above it set. */
int bind_symbol(void *ctx, const char *name, const char *version, uint64_t *value);

#endif

/* SPDX-License-Identifier: MIT */
/* Symbols of the modules that the dynamic linker has loaded into this process. */
#ifndef HOTPATCH_BIND_H
#define HOTPATCH_BIND_H

#include <elf.h>
#include <stdint.h>

struct bind_scope {
	const Elf64_Phdr *phdrs;        /* of the executable: AT_PHDR, AT_PHNUM */
	uint64_t nphdrs;
};

/* An hp_resolver; CTX is a struct bind_scope. */
int bind_symbol(void *ctx, const char *name, const char *version, uint64_t *value);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of verify, shared by verify.c (code, data, references) and checkunwind.c (unwind tables). */
#ifndef HOTPATCH_CHECK_H
#define HOTPATCH_CHECK_H

#include "diff.h"
#include "view.h"

struct check {
	struct diff *d;
	struct view cold;               /* the finished file */
	uint64_t *body;                 /* by index of the object of NEW: where it was found in the file, 0: not yet */
	struct object **todo; uint32_t ntodo;   /* found and not yet compared; each object enters once */
	const struct hp_boot *boot;     /* in cold, NULL when there is none */
	const struct hp_init *inits;
	const struct hp_rel *rels;
	const struct hp_bind *binds;
	const struct hp_copy *copies;
	uint64_t hooks;                 /* by the registry in cold: address of struct hp_hooks, 0: the patch has no hooks */
	uint64_t hook_code;             /* by the guards: where the code stands that runs hooks */
	uint32_t compared, failures;
};

void check_failed(struct check *c, const char *where, uint64_t offset, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
const uint8_t *check_bytes(struct check *c, uint64_t addr, uint64_t n);
bool check_range(struct check *c, struct object *user, uint64_t from, uint64_t size, uint64_t addr);
/* True when ADDR in the patched file is the counterpart of what REF of NEW names. */
bool check_target(struct check *c, const struct ref *ref, uint64_t addr);

/* What the boot record writes to WHERE: an address of the module, NULL when there is none; IMPORT + ADDEND. */
const struct hp_rel *check_rel(const struct check *c, uint64_t where);
bool check_bound(const struct check *c, uint64_t where, const char *import, int64_t addend);

/* The GOT slot of OLD at ADDR, NULL when there is none. */
const struct got *check_got(const struct check *c, uint64_t addr);

/* The word at SLOT, in the reserve or OLD's GOT, holds what REF names. */
bool check_slot(struct check *c, const struct ref *ref, uint64_t slot);
/* lsda.c: the LSDA at ADDR is that of FDE of NEW, but that its types are told by slots. */
bool check_types(struct check *c, const struct fde *fde, uint64_t addr);

/* resolver.c: the code at ADDR asks the resolver of IMPORT, an indirect function, for what SLOT is to hold. */
bool check_ask(struct check *c, uint64_t addr, uint64_t slot, const char *import);

/* checktls.c: true when VALUE, or the slot at address SLOT, is what REF of NEW says of a thread-local variable. */
bool check_tls_offset(struct check *c, const struct ref *ref, int64_t value);
bool check_tls_slot(struct check *c, const struct ref *ref, uint64_t slot);
/* After all code: the new variables that were found share no byte. */
void check_tls_room(struct check *c);

/* checkvalue.c: the values of the boot record are those of NEW. */
void check_values(struct check *c);

/* checkguard.c: O's old entry, whose jump is at SITE, leads to a guard at ADDR: where to that leads in the end. */
uint64_t check_guard(struct check *c, const struct object *o, uint64_t site, uint64_t addr);
/* The list of hooks is that of NEW. */
void check_hooks(struct check *c);

/* checkunwind.c: what an unwinder finds for O, which stands at ADDR, is what NEW says of it. */
void check_unwind(struct check *c, struct object *o, uint64_t addr);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Indirect functions that new code calls and for which OLD has no slot. In a static program nearly all that works on memory
 * and strings is of that kind (strncpy, strcasecmp), and comes with its first caller.
 *
 * Their resolver runs at the first call, not when the program starts: the slot in the reserve leads to code that keeps what
 * the caller passes, asks the resolver, and puts the answer into the slot. Several threads may do so at once, with one answer.
 *
 * That is as good as in time where the resolver looks at the processor alone, by what the C library or GCC know of it.
 * Others are refused, and so is a use of the address: what a slot holds is another address after the first call.
 */
#include <string.h>
#include <libiberty/libiberty.h>
#include "check.h"
#include "layout.h"

#define ASK_RESOLVER 62                 /* in the code below: the field of the call */
#define ASK_SLOT 69                     /* and that of the slot */

/* Registers of integer arguments, also of what nested functions and variadic ones need; then those of floating ones, with
 * the stack aligned for the call. Resolvers leave the upper halves of the latter alone. */
static const uint8_t ask_code[] = {
	0xf3, 0x0f, 0x1e, 0xfa,                                 /* endbr64 */
	0x50, 0x51, 0x52, 0x56, 0x57,                           /* push %rax, %rcx, %rdx, %rsi, %rdi */
	0x41, 0x50, 0x41, 0x51, 0x41, 0x52,                     /* push %r8, %r9, %r10 */
	0x48, 0x81, 0xec, 0x88, 0, 0, 0,                        /* sub $0x88,%rsp */
	0x0f, 0x29, 0x04, 0x24,                                 /* movaps %xmm0,(%rsp) ... */
	0x0f, 0x29, 0x4c, 0x24, 0x10,
	0x0f, 0x29, 0x54, 0x24, 0x20,
	0x0f, 0x29, 0x5c, 0x24, 0x30,
	0x0f, 0x29, 0x64, 0x24, 0x40,
	0x0f, 0x29, 0x6c, 0x24, 0x50,
	0x0f, 0x29, 0x74, 0x24, 0x60,
	0x0f, 0x29, 0x7c, 0x24, 0x70,
	0xe8, 0, 0, 0, 0,                                       /* call resolver */
	0x48, 0x89, 0x05, 0, 0, 0, 0,                           /* mov %rax,slot(%rip) */
	0x49, 0x89, 0xc3,                                       /* mov %rax,%r11 */
	0x0f, 0x28, 0x04, 0x24,                                 /* movaps (%rsp),%xmm0 ... */
	0x0f, 0x28, 0x4c, 0x24, 0x10,
	0x0f, 0x28, 0x54, 0x24, 0x20,
	0x0f, 0x28, 0x5c, 0x24, 0x30,
	0x0f, 0x28, 0x64, 0x24, 0x40,
	0x0f, 0x28, 0x6c, 0x24, 0x50,
	0x0f, 0x28, 0x74, 0x24, 0x60,
	0x0f, 0x28, 0x7c, 0x24, 0x70,
	0x48, 0x81, 0xc4, 0x88, 0, 0, 0,                        /* add $0x88,%rsp */
	0x41, 0x5a, 0x41, 0x59, 0x41, 0x58,                     /* pop %r10, %r9, %r8 */
	0x5f, 0x5e, 0x5a, 0x59, 0x58,                           /* pop %rdi, %rsi, %rdx, %rcx, %rax */
	0x41, 0xff, 0xe3,                                       /* jmp *%r11 */
};

/* What the C library and GCC know of the processor: the same from the start on. */
static bool is_about_processor(const char *name)
{
	static const char *const names[] = {
		"_dl_x86_cpu_features", "_dl_x86_get_cpu_features", "__x86_get_cpu_features", "__cpu_model", "__cpu_features2",
		"__cpu_indicator_init",
	};

	return index_of_name(name, names, ARRAY_SIZE(names)) >= 0;
}

/* What it chooses from needs no look. */
static bool is_plain_use(const struct ref *r)
{
	const char *name = ref_name(r);

	if (name && is_about_processor(name))
		return true;
	if (r->target == TARGET_OBJECT && r->kind != REF_CALL)
		return r->object->kind == OBJECT_FUNC || (r->object->kind == OBJECT_DATA && !is_writable(r->object));
	return r->target == TARGET_ABS || r->target == TARGET_NOTHING;
}

const char *resolver_objection(const struct object *o)
{
	for (uint32_t i = 0; i < o->nrefs; i++) {
		const struct ref *r = &o->image->refs[o->first_ref + i];

		if (!is_plain_use(r) && !hp_broken("resolvers"))
			return ref_name(r) ? ref_name(r) : "bytes without a name";
	}
	return NULL;
}

struct object *indirect_function(const struct diff *d, const char *import, bool *several)
{
	struct object *found = NULL;

	*several = false;
	for (uint32_t i = 0; i < d->new->nindirect; i++) {
		struct object *o = d->new->indirect[i];

		if (o->exported || strcmp(o->name, import))
			continue;
		*several = found;
		found = o;
	}
	return *several ? NULL : found;
}

void need_ask(struct layout *l, struct slot *s, struct object *resolver)
{
	need_object(l, resolver);
	s->resolver = resolver;
	s->ask = piece_new(l, PIECE_ASK, 0, sizeof ask_code);
	s->ask->slot = s;
	s->ask->align = 16;
	s->ask->item.code = true;
	s->ask->item.name = concat(s->import, "@resolve", NULL);
}

void write_ask(struct layout *l, struct piece *p)
{
	uint64_t resolver;
	int32_t distance;

	p->item.bytes = xmemdup(ask_code, sizeof ask_code, sizeof ask_code);
	if (!object_address(l, p->slot->resolver, 0, true, &resolver))
		return;                                         /* refused where it was to be placed */
	distance = resolver - (p->item.addr + ASK_RESOLVER + 4);
	memcpy(p->item.bytes + ASK_RESOLVER, &distance, 4);
	distance = p->slot->addr - (p->item.addr + ASK_SLOT + 4) + hp_broken("asking");
	memcpy(p->item.bytes + ASK_SLOT, &distance, 4);
}

bool check_ask(struct check *c, uint64_t addr, uint64_t slot, const char *import)
{
	bool several;
	struct object *o = indirect_function(c->d, import, &several);
	const uint8_t *code = check_bytes(c, addr, sizeof ask_code);
	struct ref call = { .kind = REF_CALL, .target = TARGET_OBJECT, .object = o };
	uint8_t want[sizeof ask_code];
	int32_t to_resolver, to_slot;

	if (!o || !code)
		return false;
	memcpy(&to_resolver, code + ASK_RESOLVER, 4);
	memcpy(&to_slot, code + ASK_SLOT, 4);
	memcpy(want, ask_code, sizeof want);
	memcpy(want + ASK_RESOLVER, &to_resolver, 4);
	memcpy(want + ASK_SLOT, &to_slot, 4);
	return !memcmp(code, want, sizeof want) && addr + ASK_SLOT + 4 + to_slot == slot &&
	       check_target(c, &call, addr + ASK_RESOLVER + 4 + to_resolver);
}

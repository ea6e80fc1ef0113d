/* SPDX-License-Identifier: MIT */
/*
 * What the source of a fix can say beyond code. Include it in a file of the fixed source (NEW); the old build needs
 * nothing of it. hotpatch.h(3) is the manual.
 *
 *   HP_PRE_APPLY(function);      runs once in each process before any new code; returns non-zero to say no
 *   HP_POST_APPLY(function);     runs once behind that
 *   HP_PRE_REVERT(function);     runs before the patch is taken back; may say no
 *   HP_POST_REVERT(function);    runs when it is
 *   HP_SET_VALUE(lvalue);        its changed initial value is written into the live variable when the patch is applied
 *   HP_UPDATE_VALUE(lvalue);     the same, where the live variable still has its old initial value
 *   HP_KEEP_VALUE(lvalue);       a live process keeps its value, a fresh one starts with the new one
 *
 *   hp_shadow_get(object, id)    what is attached to an object; hp_shadow_get_or_alloc(), hp_shadow_free()
 *
 *   static int retries = 5;      was 3
 *   HP_SET_VALUE(retries);
 *
 * The program itself makes no use of it: hp-diff finds it in the build by the names that are made here.
 */
#ifndef HOTPATCH_H
#define HOTPATCH_H

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HP_TEXT_(x) #x
#define HP_TEXT(x) HP_TEXT_(x)
#define HP_JOIN_(a, b) a##b
#define HP_JOIN(a, b) HP_JOIN_(a, b)

/* Kept though nobody uses it, also with --gc-sections. */
#define HP_KEPT __attribute__((used, retain))

/* ---- hooks ------------------------------------------------------------------------------------------------------- */

/* FUNCTION takes nothing and returns int (pre), or nothing (post). It runs inside of somebody's call of a changed
 * function, who may count on errno. */
#define HP_PRE_APPLY(function) HP_HOOK_(pre_apply, function, result = function())
#define HP_POST_APPLY(function) HP_HOOK_(post_apply, function, function())
#define HP_PRE_REVERT(function) HP_HOOK_(pre_revert, function, result = function())
#define HP_POST_REVERT(function) HP_HOOK_(post_revert, function, function())

#define HP_HOOK_(when, function, call) \
	HP_KEPT static int hp_hook_##when##_##function(void) __asm__("hp_hook_" #when "_" #function); \
	static int hp_hook_##when##_##function(void) \
	{ \
		int result = 0, before = errno; \
		\
		call; \
		errno = before; \
		return result; \
	} \
	struct hp_needs_semicolon

/* ---- changed initial values -------------------------------------------------------------------------------------- */

/* LVALUE has static storage: a variable, an element or a member. One on a line; outside of functions, or inside where
 * the variable is local. */
#define HP_SET_VALUE(lvalue) HP_VALUE_("hp_value_set_", lvalue)
#define HP_UPDATE_VALUE(lvalue) HP_VALUE_("hp_value_update_", lvalue)
#define HP_KEEP_VALUE(lvalue) HP_VALUE_("hp_value_keep_", lvalue)

struct hp_value_mark {
	const volatile void *at;
	unsigned long size;
};

#define HP_VALUE_(name, lvalue) \
	static const struct hp_value_mark HP_JOIN(hp_value_mark_, __LINE__) __asm__(name HP_TEXT(__LINE__)) HP_KEPT = \
		{ &(lvalue), sizeof(lvalue) }

/* ---- shadow data ------------------------------------------------------------------------------------------------- */

/*
 * Data that new code attaches to objects which keep their size and layout: a table from (object, id) to memory. One
 * table serves all files of a module; it is new data of the patch. Each bucket has a lock, held for some instructions
 * and while a constructor runs.
 */
struct hp_shadow {
	struct hp_shadow *next;
	const void *object;
	unsigned long id;
	long double data[] __attribute__((aligned(16)));
};

#define HP_SHADOW_BUCKETS 64
struct hp_shadow_bucket {
	struct hp_shadow *first;
	int lock;
};
__attribute__((weak, visibility("hidden"))) struct hp_shadow_bucket hp_shadow_table[HP_SHADOW_BUCKETS];

#define HP_MAY_USE static __attribute__((unused))

/* The holder may not be running: after a while others leave it the processor (sched_yield, without the C library). */
HP_MAY_USE void hp_shadow_lock(struct hp_shadow_bucket *b)
{
	for (unsigned n = 1; __atomic_exchange_n(&b->lock, 1, __ATOMIC_ACQUIRE); n++) {
		long number = 24;

		if (n % 64)
			__builtin_ia32_pause();
		else
			__asm__ volatile("syscall" : "+a"(number) : : "rcx", "r11", "memory");
	}
}

HP_MAY_USE void hp_shadow_unlock(struct hp_shadow_bucket *b)
{
	__atomic_store_n(&b->lock, 0, __ATOMIC_RELEASE);
}

HP_MAY_USE struct hp_shadow_bucket *hp_shadow_bucket_of(const void *object, unsigned long id)
{
	unsigned long hash = ((unsigned long)object >> 4) * 0x9e3779b97f4a7c15ul + id;

	return &hp_shadow_table[(hash >> 32) % HP_SHADOW_BUCKETS];
}

/* The link that leads to the entry, or the last one. The bucket is locked. */
HP_MAY_USE struct hp_shadow **hp_shadow_find(struct hp_shadow_bucket *b, const void *object, unsigned long id)
{
	struct hp_shadow **link = &b->first;

	while (*link && ((*link)->object != object || (*link)->id != id))
		link = &(*link)->next;
	return link;
}

/* What is attached to OBJECT under ID, NULL when nothing is. It stays valid until hp_shadow_free(). */
HP_MAY_USE void *hp_shadow_get(const void *object, unsigned long id)
{
	struct hp_shadow_bucket *b = hp_shadow_bucket_of(object, id);
	struct hp_shadow *s;

	hp_shadow_lock(b);
	s = *hp_shadow_find(b, object, id);
	hp_shadow_unlock(b);
	return s ? s->data : NULL;
}

/* The same; where nothing is attached, SIZE bytes of zeros are, and CTOR (unless NULL) makes of them what they are to
 * be, once. It must not call these functions. NULL when there is no memory, or CTOR returns non-zero. */
HP_MAY_USE void *hp_shadow_get_or_alloc(const void *object, unsigned long id, size_t size,
					int (*ctor)(const void *object, void *data))
{
	struct hp_shadow_bucket *b = hp_shadow_bucket_of(object, id);
	struct hp_shadow **link, *s;

	hp_shadow_lock(b);
	link = hp_shadow_find(b, object, id);
	s = *link;
	if (!s && (s = (struct hp_shadow *)calloc(1, sizeof(*s) + size))) {
		s->object = object;
		s->id = id;
		if (ctor && ctor(object, s->data)) {
			free(s);
			s = NULL;
		}
		*link = s;
	}
	hp_shadow_unlock(b);
	return s ? s->data : NULL;
}

/* To be called when OBJECT ends; another one may get its address. */
HP_MAY_USE void hp_shadow_free(const void *object, unsigned long id)
{
	struct hp_shadow_bucket *b = hp_shadow_bucket_of(object, id);
	struct hp_shadow **link, *s;

	hp_shadow_lock(b);
	link = hp_shadow_find(b, object, id);
	s = *link;
	if (s)
		*link = s->next;
	hp_shadow_unlock(b);
	free(s);
}

/* All that is attached under ID; for a post-revert hook. */
HP_MAY_USE void hp_shadow_free_all(unsigned long id)
{
	for (struct hp_shadow_bucket *b = hp_shadow_table; b < hp_shadow_table + HP_SHADOW_BUCKETS; b++) {
		hp_shadow_lock(b);
		for (struct hp_shadow **link = &b->first, *s; (s = *link);) {
			if (s->id != id) {
				link = &s->next;
				continue;
			}
			*link = s->next;
			free(s);
		}
		hp_shadow_unlock(b);
	}
}

#ifdef __cplusplus
}
#endif
#endif

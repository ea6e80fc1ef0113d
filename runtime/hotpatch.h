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
 *   HP_KEEP_VALUE(lvalue);       a live process keeps its value, a fresh one starts with the new one
 *
 *   static int retries = 5;      was 3
 *   HP_SET_VALUE(retries);
 *
 * The program itself makes no use of it: hp-diff finds it in the build by the names that are made here.
 */
#ifndef HOTPATCH_H
#define HOTPATCH_H

#include <errno.h>

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

/* FUNCTION takes nothing and returns int (pre), or nothing (post). It runs inside of somebody's call of a changed function,
 * who may count on errno. */
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
#define HP_KEEP_VALUE(lvalue) HP_VALUE_("hp_value_keep_", lvalue)

struct hp_value_mark {
	const volatile void *at;
	unsigned long size;
};

#define HP_VALUE_(name, lvalue) \
	static const struct hp_value_mark HP_JOIN(hp_value_mark_, __LINE__) __asm__(name HP_TEXT(__LINE__)) HP_KEPT = \
		{ &(lvalue), sizeof(lvalue) }

#ifdef __cplusplus
}
#endif
#endif

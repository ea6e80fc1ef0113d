/* SPDX-License-Identifier: MIT */
/*
 * What the source of a fix can say beyond code. Include it in a file of the fixed source (NEW); the old build needs
 * nothing of it. hotpatch.h(3) is the manual.
 *
 *   HP_SET_VALUE(lvalue);        its changed initial value is written into the live variable when the patch is applied
 *   HP_KEEP_VALUE(lvalue);       a live process keeps its value, a fresh one starts with the new one
 *
 *   static int retries = 5;      was 3
 *   HP_SET_VALUE(retries);
 *
 * Nothing here makes code in the program: hp-diff reads it from the build.
 */
#ifndef HOTPATCH_H
#define HOTPATCH_H

#ifdef __cplusplus
extern "C" {
#endif

#define HP_TEXT_(x) #x
#define HP_TEXT(x) HP_TEXT_(x)
#define HP_JOIN_(a, b) a##b
#define HP_JOIN(a, b) HP_JOIN_(a, b)

/* Kept though nobody uses it, also with --gc-sections. */
#define HP_KEPT __attribute__((used, retain))

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

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The only includer of GCC's own headers. What depends on the version of GCC stands here, so that a new version is one
 * file's work. Written against GCC 12; the order of the includes is GCC's.
 */
#ifndef HOTPATCH_GCC_HEADERS_H
#define HOTPATCH_GCC_HEADERS_H

#include "gcc-plugin.h"
#include "plugin-version.h"
#include "tree.h"
#include "tree-pass.h"
#include "context.h"
#include "function.h"
#include "rtl.h"
#include "rtl-iter.h"
#include "memmodel.h"
#include "emit-rtl.h"
#include "target.h"
#include "output.h"
#include "options.h"
#include "opts.h"
#include "flags.h"
#include "toplev.h"
#include "cgraph.h"
#include "basic-block.h"
#include "tree-ssa-alias.h"
#include "gimple-expr.h"
#include "gimple.h"
#include "gimple-iterator.h"
#include "gimple-walk.h"
#include "ssa.h"
#include "tree-dfa.h"
#include "tree-iterator.h"
#include "diagnostic-core.h"
#include "stringpool.h"
#include "attribs.h"
#include "regs.h"
#include "insn-config.h"
#include "insn-attr.h"
#include "recog.h"
#include "tm_p.h"
#include "function-abi.h"
#include "varasm.h"
#include "langhooks.h"
#include "langhooks-def.h"
#include "version.h"
#include "cpplib.h"
#include "line-map.h"

#if BUILDING_GCC_MAJOR < 11 || BUILDING_GCC_MAJOR > 12
#error "hotpatch knows the inside of GCC 11 and 12 only"
#endif

#if BUILDING_GCC_MAJOR < 12
static inline bool startswith(const char *s, const char *prefix) { return !strncmp(s, prefix, strlen(prefix)); }
#endif

/* Names of GCC's passes that ours stand next to. */
#define GCC_PASS_LANDING_PAD "endbr_and_patchable_area"
#define GCC_PASS_FINAL "final"
#define GCC_PASS_LAST_GIMPLE "optimized"
#define GCC_PASS_FIRST_SSA "build_ssa_passes"

/* cp-tree.h's IDENTIFIER_LAMBDA_P: the name of a closure type. */
#define IDENTIFIER_LAMBDA(name) TREE_PROTECTED(name)

/* The preprocessor is only in the C family's compilers: f951, gnat1 and lto1 load the plugin without these. */
extern "C++" {
extern struct cpp_reader *parse_in __attribute__((weak));
extern const char *pch_file __attribute__((weak));      /* not NULL: a precompiled header is being made */
extern cpp_hashnode *cpp_lookup(cpp_reader *, const unsigned char *, unsigned int) __attribute__((weak));
extern void cpp_define(cpp_reader *, const char *) __attribute__((weak));
extern tree mangle_typeinfo_string_for_type(tree) __attribute__((weak));        /* cc1plus alone */
}

#endif

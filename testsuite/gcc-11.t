#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The plugin builds for GCC 11, too, without a warning; what GCC 11 then compiles goes the whole way.
. "${0%/*}/lib.sh"
need_tool gcc-11 g++-11
plugins=$(gcc-11 -print-file-name=plugin)
[ -d "$plugins/include" ] || skip_all 'needs gcc-11-plugin-dev'

mkdir own
ln -s "$build/hp-diff" "$build/hp-ctl" own/
LIMIT=600 ok 'the plugin builds' g++-11 -std=gnu++17 -O1 -Wall -Wextra -Werror -fPIC -fno-rtti -fno-exceptions -shared -I"$build" \
	-isystem "$plugins/include" "$top"/plugin/*.cc -o own/hotpatch.so

# Their own ok lines are not ours: only the sum counts.
for name in constant static-locals tls-program virtual; do
	LIMIT=600 run CC=gcc-11 CXX=g++-11 BUILD="$PWD/own" "$top/testsuite/run-pairs" "$name"
	is "$status$(grep '^not ok' <<<"$out")" 0 "$name"
done
done_testing

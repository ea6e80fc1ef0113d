#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# hp-ctl asks a thread to stop that does so much later: it is not left standing there.
. "${0%/*}/lib.sh"

ok 'it builds' $CC -Wall "$top/testsuite/unit-trace.c" "$top/runtime/ctl-trace.c" -o unit
LIMIT=150 ok 'a thread in vfork()' ./unit
is "$out" 'let go' 'goes on when it comes out'
done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Reader and engine, under the sanitizers. The program prints its own TAP.
. "${0%/*}/stub.sh"
runtime_build unit "$top/testsuite/unit-engine.c" -Wall -Wextra -fsanitize=address,undefined -fno-sanitize-recover || exit
_planned=own
./unit

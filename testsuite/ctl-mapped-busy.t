#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A thread stays in a function that a patch which outgrew the arena changes.
mapped=1
. "${0%/*}/ctl-busy.t"

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# More conditions, for a patch that outgrew the arena.
mapped=1
. "${0%/*}/ctl-more-targets.t"

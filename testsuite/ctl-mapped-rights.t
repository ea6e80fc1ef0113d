#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Rights, memory, and kernels that deny, for a patch that outgrew the arena.
mapped=1
. "${0%/*}/ctl-rights.t"

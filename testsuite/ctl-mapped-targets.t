#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Processes in every condition take a patch that outgrew the arena, too.
mapped=1
. "${0%/*}/ctl-targets.t"

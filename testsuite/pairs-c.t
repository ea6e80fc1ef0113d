#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Pairs of testsuite/pairs, class c: see run-pairs.
exec "${0%/*}/run-pairs" @c

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Pairs of testsuite/pairs, class linked: see run-pairs.
exec "${0%/*}/run-pairs" @linked

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Pairs of testsuite/pairs, class cxx: see run-pairs.
exec "${0%/*}/run-pairs" @cxx

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Pairs of each kind, linked by gold, whose relocations do not say all that it did.
# Among them are such where the first function behind its filling, which is zeros in part, is the one that changed.
# Left out: what gold does not link right (tls-slot-library) or at all (--gc-sections, refuse-out-of-reach).
if ! ${CC:-gcc} -fuse-ld=gold -x c - -o /dev/null <<<'int main(void) { return 0; }' 2>/dev/null; then
	echo '1..0 # SKIP gold is not installed'
	exit
fi
export LINKER=gold PLAIN=1
exec "${0%/*}/run-pairs" constant static-locals jump-table table-ends string constants new-things tls tls-library library \
	pointer-table comdat virtual tls-new refuse-layout cold-part dlopened table-startup exceptions throwing cancelled

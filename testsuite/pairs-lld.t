#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Pairs of each kind, linked by lld, whose relocations do not say all that it did.
if ! ${CC:-gcc} -fuse-ld=lld -x c - -o /dev/null <<<'int main(void) { return 0; }' 2>/dev/null; then
	echo '1..0 # SKIP lld is not installed'
	exit
fi
export LINKER=lld PLAIN=1
exec "${0%/*}/run-pairs" constant static-locals jump-table table-ends string constants new-things tls tls-library library \
	pointer-table comdat virtual refuse-layout exceptions throwing tls-new tls-new-library

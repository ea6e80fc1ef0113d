#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every reference of what GCC and GNU ld make is understood: kinds of output, code models of TLS, PLT and GOT.
. "${0%/*}/read.sh"

read_build dump dump-image.c || exit
sample >sample.c

# understood NAME FLAG...
understood() {
	local name=$1
	shift
	$CC "$@" $link_flags sample.c -o prog 2>err || { fail "$name: builds" "$(cat err)"; return; }
	run ./dump prog verify
	like "$out" 'unknown 0$' "$name"
}

while read -r flags; do
	for level in -O0 -O2; do understood "${flags:-plain} $level" $level $flags; done
done <<'END'

-no-pie
-static
-static-pie
-shared -fPIC
-shared -fPIC -Wl,-Bsymbolic
-shared -fPIC -fno-plt
-shared -fPIC -ftls-model=local-dynamic
-shared -fPIC -ftls-model=initial-exec
-shared -fPIC -mtls-dialect=gnu2
-fPIC
-fPIC -mtls-dialect=gnu2
-fPIC -ftls-model=initial-exec
-fPIC -fno-plt -ftls-model=local-dynamic
-fno-plt
-no-pie -fno-plt
-mcmodel=medium
-fcf-protection -Wl,-z,ibtplt
-no-pie -fcf-protection -Wl,-z,ibtplt -Wl,-z,lazy
-flto
-flto -shared -fPIC
-flto -static
-Wl,-z,now
-no-pie -Wl,-z,now
-Wl,-z,pack-relative-relocs
-Wl,--gc-sections
-O3 -march=skylake-avx512
END

# What single references are, in the plain program.
$CC -O2 $link_flags sample.c -o prog || exit
refs() { ./dump prog refs "$1" | sed 's/^ *[0-9a-f]* [^ ]* //; s/ (type.*//' | sort -u; }
like "$(refs table)" 'CALL/4 tail 0 -> import puts@GLIBC_2.2.5' 'a call through the PLT'
like "$(refs table)" 'PCREL/4 tail 4 -> counter' 'an operand before an immediate'
like "$(refs table)" 'TPOFF32/4 tail 0 -> own_tls' 'a variable of the thread'
like "$(refs table)" 'PCREL/4 lea literal tail 0 -> anon' 'a string'
like "$(refs array_end)" 'ABS64/8 lea tail 0 -> array[+]16|ABS64/8 lea edge ' 'the end of an array'
like "$(refs print)" 'ABS64/8 lea tail 0 -> import puts@' 'a pointer to an import'
like "$(refs pointer)" 'ABS64/8 lea tail 0 -> table' 'a pointer to a function'
like "$(./dump prog refs | grep PCREL_DATA)" '-> table[+][0-9]+ .*-> table[+][0-9]+ ' 'entries of a jump table'
like "$(refs main)" 'CALL/4 tail 0 -> import mine' 'a call of an IFUNC'
done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# NAME.hp.o is an ELF file that the usual tools read without a word of complaint. The same input gives the same bytes.
. "${0%/*}/emit.sh"

emit_pair || exit
emit_diff --label 'CVE-2026-1 "quoted"'
is "$status" 0 'hp-diff writes'
hot=out/prog.hp.o

is "$(stat -c %a $hot)" 644 'its mode is 0644'
run readelf -aW $hot
is "$err" '' 'readelf has no warning'
like "$out" "$(build_id old/prog)" 'readelf shows the build-id it is for'
like "$out" 'CVE-2026-1 ..quoted' 'readelf shows the label'
run objdump -d $hot
is "$err" '' 'objdump has no warning'
like "$out" '<inner>:.*ret' 'objdump shows inner()'
run readelf -wf $hot
like "$out$err" 'FDE cie=' 'readelf shows the unwind entries'
unlike "$out$err" '[Ww]arning' 'and has no warning about them'
run nm -S $hot
like "$out" '[0-9a-f]{16} 00000000000000[0-9a-f]{2} t inner' 'symbols have sizes'
run gdb -nx -batch -ex "add-symbol-file $hot -o 0x555555554000" -ex 'disassemble inner'
like "$out" 'Dump of assembler code for function inner' 'gdb reads it'
unlike "$out$err" '[Ww]arning' 'and has no warning'

mv out first
emit_diff --label 'CVE-2026-1 "quoted"'
ok 'the same input gives the same hotpatch' cmp first/prog.hp.o $hot
ok 'the same input gives the same coldpatch' cmp first/prog out/prog
done_testing

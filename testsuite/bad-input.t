#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Inputs that hp-diff can't use: exit status 2, one clear message with the remedy, the cause in JSON, nothing written.
. "${0%/*}/lib.sh"

ok 'a good pair builds' build_pair "$top/testsuite/pairs/constant"
mkdir out

remedy() { perl -MJSON::PP -0777 -ne 'print quotemeta decode_json($_)->{refusals}[0]{remedy} // "?"' j | sed 's/\\ / /g'; }

# bad CAUSE NAME OLD NEW [OPTION...]
bad() {
	local want=$1 name=$2
	shift 2
	rm -f j
	status_is 2 "$name: exit status 2" "$hp_diff" -o out --json=j "$@"
	is "$(json j refusals)" "$want" "$name: cause $want"
	is "$(json j status)" unusable "$name: JSON says unusable"
	is "$(($(grep -c . <<<"$err") <= 2))" 1 "$name: one message, and perhaps a line on what to do"
	like "$err" "^hp-diff: .*$(remedy)" "$name: it tells the remedy"
	is "$(ls out)" '' "$name: nothing is written"
}

# The expected causes stand after the word `cause` for manual.t: cause unreadable, cause not-elf, ...
both() { bad "$1" "$2 as OLD" "$3" new/prog; bad "$1" "$2 as NEW" old/prog "$3"; }

both unreadable 'a missing file' missing                         # cause unreadable
mkdir directory
both not-elf 'a directory' directory
echo 'int main(void) { return 0; }' >text
both not-elf 'a text' text                                      # cause not-elf
: >empty
both not-elf 'an empty file' empty

head -c 3000 old/prog >cut
both damaged 'a truncated file' cut                             # cause damaged
head -c 40 old/prog >header
both damaged 'half a header' header
head -c "$(($(stat -c %s old/prog) - 100))" old/prog >tail
both damaged 'a file without its section headers' tail

# poke FILE OFFSET BYTES: a copy of OLD, changed
poke() { cp old/prog "$1"; printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }
poke arm 18 '\xb7\x00'
both wrong-machine 'a file for aarch64' arm                     # cause wrong-machine
poke small 4 '\x01'
run "$hp_diff" -o out small new/prog
is "$status" 2 'a wrong ELF class: exit status 2'
is "$(ls out)" '' 'a wrong ELF class: nothing is written'

poke core 16 '\x04'
both not-linked 'a core file' core                              # cause not-linked
objcopy --only-keep-debug old/prog debug
both not-linked 'a file of debug information' debug
number=$(readelf -SW old/prog | sed -n 's/^ *\[ *\([0-9]*\)\] \.hp\.facts .*/\1/p')
headers=$(readelf -h old/prog | sed -n 's/.*Start of section headers: *\([0-9]*\).*/\1/p')
poke no-facts $((headers + 64 * number + 4)) '\x08'
both not-linked 'facts without contents' no-facts
$CC $hp_cflags -c "$top/testsuite/pairs/constant/old.c" -o object.o
both different-kind 'an object file' object.o
strip -o stripped old/prog
both stripped 'a stripped file' stripped                        # cause stripped

source=$top/testsuite/pairs/constant/old.c
$CC $hp_cflags -Wl,--build-id "$source" -o no-relocs
both no-relocations 'a file without relocations' no-relocs      # cause no-relocations
echo main >keep
for option in -x -retain-symbols-file,keep; do
	$CC $hp_cflags $hp_ldflags -Wl,$option "$source" -o no-locals
	both no-local-symbols "a file linked with $option" no-locals  # cause no-local-symbols
done
$CC $hp_cflags -Wl,--emit-relocs -Wl,--build-id=none "$source" -o no-id
both no-build-id 'a file without build-id' no-id                # cause no-build-id
$CC -O2 -g $hp_ldflags "$source" -o plain
both no-plugin 'a file built without the plugin' plain          # cause no-plugin

if $CC -fuse-ld=mold -x c - -o linked <<<'int main(void) { return 0; }' 2>/dev/null; then
	$CC $hp_cflags $hp_ldflags -fuse-ld=mold "$source" -o by-mold
	both wrong-linker 'a file linked by mold' by-mold               # cause wrong-linker
else
	skip mold 'it is not installed'
fi

bad same-file 'one file twice' old/prog old/prog                # cause same-file
ln -s old/prog link
bad same-file 'one file by two names' old/prog link

section_offset() { readelf -SW old/prog | sed -nE "s/^ *\\[ *[0-9]+\\] +${1//./\\.} +[A-Z]+ +[0-9a-f]+ +([0-9a-f]+).*/0x\\1/p"; }
offset=$(section_offset .text)
poke same-id "$((offset))" '\x90'
bad same-build-id 'other bytes under one build-id' old/prog same-id             # cause same-build-id
objcopy --weaken-symbol=main old/prog weak
status_is 3 'a function that is weak in NEW and nothing else' "$hp_diff" --dry-run old/prog weak
like "$out" 'load the same bytes' 'it says so'
offset=$(section_offset .note.hotpatch)
poke version "$((offset + 24))" '\x63'
both wrong-version 'a module of format version 99' version                      # cause wrong-version

# Two builds that don't belong together. build NAME FLAG...: of the new source
build() { local to=$1; shift; (cd new && cp "$top/testsuite/pairs/constant/new.c" main.c && hp_cc -ffile-prefix-map="$PWD=." main.c "$@" -o "$T/$to"); }
build static -static
bad different-kind 'a static build of a dynamic program' old/prog static        # cause different-kind
build no-pie -no-pie -fno-pie
bad different-kind 'a no-PIE build of a PIE' old/prog no-pie
build o1 -O1
bad different-options 'a build with -O1 of one with -O2' old/prog o1            # cause different-options
(cd old && cp "$source" main.c && hp_cc main.c -fPIC -shared -Wl,-soname,libone.so -o "$T/libone.so")
build libtwo.so -fPIC -shared -Wl,-soname,libtwo.so
bad different-soname 'another library' libone.so libtwo.so                      # cause different-soname

# Outputs
cp old/prog prog
bad output 'the output would replace OLD' prog new/prog -o .                    # cause output
is "$(cmp prog old/prog && echo same)" same 'OLD is as it was'
bad output 'a directory that is a file' old/prog new/prog -o text
bad wrong-cold-base 'a cold base of another build' old/prog new/prog --cold-base=new/prog       # cause wrong-cold-base

# Usage
status_is 2 'no operands' "$hp_diff"
status_is 2 'one operand' "$hp_diff" old/prog
status_is 2 'three operands' "$hp_diff" old/prog new/prog new/prog
status_is 2 'an unknown option' "$hp_diff" --frobnicate old/prog new/prog
like "$err" "frobnicate" 'the unknown option is named'
status_is 0 'help' "$hp_diff" --help
is "$err" '' 'help says nothing on stderr'
done_testing

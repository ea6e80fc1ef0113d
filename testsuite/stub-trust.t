#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the stub does not trust: the program starts unpatched, and one line says why.
. "${0%/*}/stub.sh"

stub_program prog || exit
stub_patch prog
cp "$patch" good

place() { rm -rf "$patch"; install -m "${1:-644}" good "$patch"; }

place 664
refused 'untrusted: writable by group or others' 'writable by the group' ./prog
place 646
refused 'untrusted: writable by group or others' 'writable by all' ./prog
rm "$patch"; ln -s ../good "$patch"
refused 'untrusted: a symbolic link' 'a symbolic link' ./prog
rm "$patch"; mkdir "$patch"
refused 'untrusted: not a regular file' 'a directory' ./prog
rmdir "$patch"; mkfifo "$patch"
refused 'untrusted: not a regular file' 'a FIFO does not hold the program up' ./prog
place 644
run_patched ./prog
is "$out$err" "$new_lines" 'the same file, in order'

stub_patch prog const build-id
refused 'made for another build' 'another build-id inside' ./prog
stub_patch prog const note
refused "disagrees with the module's note on arena, reserve or registry" 'another layout' ./prog
stub_patch prog const version
refused 'made for another version of the format' 'another version' ./prog
stub_patch prog const old
refused "the module's bytes are neither the old nor the new ones" 'old bytes that differ' ./prog
stub_patch prog import=no_such_function
refused "cannot find an imported symbol 'no_such_function'" 'an import that nobody defines' ./prog
stub_patch prog import=printf@NO_SUCH_VERSION
refused "cannot find an imported symbol 'printf'" 'an import of a version that nobody defines' ./prog

if [ "$(id -u)" != 0 ]; then skip 'owners and privileges' 'needs root'; done_testing; exit; fi
chmod 755 . store
nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }

place 644
chown 1 "$patch"
refused 'untrusted: owned by somebody else' 'owned by somebody else' ./prog
place 644
run nobody env HOTPATCH_STORE="$PWD/store" ./prog
is "$out$err" "$new_lines" 'root owns it, nobody runs'
chown 65534 "$patch"
run nobody env HOTPATCH_STORE="$PWD/store" ./prog
is "$out$err" "$new_lines" 'nobody owns it, and named the store'
place 600
run nobody env HOTPATCH_STORE="$PWD/store" ./prog
is "$out$err" "${old_lines}hotpatch: ./prog: cannot apply '$patch': cannot open it" 'a patch that may not be read'
chmod 700 store
run nobody env HOTPATCH_STORE="$PWD/store" ./prog
is "$out$err" "$old_lines" 'a store that may not be entered: silent'
chmod 755 store

place 644
cp prog setuid && chmod 4755 setuid
run nobody env HOTPATCH_STORE="$PWD/store" HOTPATCH_DEBUG=1 ./setuid
is "$out$err" "$old_lines" 'a setuid program does not listen to the environment'
cp prog setgid && chown 0:1 setgid && chmod 2755 setgid
run nobody env HOTPATCH_STORE="$PWD/store" HOTPATCH_DEBUG=1 ./setgid
is "$out$err" "$old_lines" 'a setgid program neither'
done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A coldpatched file: the stub runs its boot record, and leaves a patch in the store alone.
. "${0%/*}/stub.sh"

cold() { stub_patch "$1" "$2" '' --cold="cold-$1"; }
debug() { run_patched HOTPATCH_DEBUG=1 "$@"; }
started="started the patch that the file carries, 'made by hand'"

for kind in pie no-pie static static-pie; do
	stub_program $kind -$kind || exit
	for mode in const data import=two?; do
		cold $kind $mode
		rm "$patch"
		run ./cold-$kind
		is "$out$err" "$new_lines" "$kind, $mode: new code, without a store"
	done
done
stub_program prog -rdynamic || exit
cold prog import=two
debug ./cold-prog
is "$out" "$new_lines" 'the same patch in the store: new code'
is "$err" "hotpatch: ./cold-prog: $started"$'\n'"hotpatch: ./cold-prog: the file carries '$patch'" '... which is left alone'
run_patched ./cold-prog
is "$out$err" "$new_lines" '... silently'
stub_patch prog data
debug ./cold-prog
is "$out" "$new_lines" 'another patch in the store: the cold one stays'
like "$err" "the file carries another patch than '$patch'" '... and debug tells'
chmod 666 "$patch"
run_patched ./cold-prog
is "$out$err" "${new_lines}hotpatch: ./cold-prog: cannot apply '$patch': untrusted: writable by group or others" \
	'an untrusted patch in the store is still told'
rm "$patch"
strip -o stripped cold-prog
run ./stripped
is "$out$err" "$new_lines" 'stripped'

cold prog import=no_such_function
rm "$patch"
run ./cold-prog
like "$out" '^early' 'an import that nobody defines: the program starts'
is "$err" "hotpatch: ./cold-prog: cannot start the patch that the file carries, 'made by hand': cannot find an imported symbol 'no_such_function'" \
	'... and says so'

cold prog 'import=two?'
rm "$patch"
perl -0777 -i -pe 's/HPPB..\0\0/HPPB\377\377\377\177/s' cold-prog
run ./cold-prog
is "$out" "$new_lines" 'a damaged boot record: the program starts'
like "$err" "cannot start the patch that the file carries, 'made by hand': damaged: bad boot record" '... and says so'
done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Processes that may not make code writable, or may not open /proc/self/mem, or neither.
. "${0%/*}/stub.sh"
need_root

cat >mdwe.c <<'END'
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	(void)argc;
	if (prctl(65, 1, 0, 0, 0))              /* PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN */
		return perror("PR_SET_MDWE"), 77;
	execv(argv[1], argv + 1);
	return perror(argv[1]), 1;
}
END
$CC -o mdwe mdwe.c && stub_program prog && stub_program static -static || exit
run ./mdwe /bin/true
[ "$status" = 0 ] || skip_all 'needs a kernel with PR_SET_MDWE (6.3)'

no_proc() { unshare -m --propagation private sh -c 'umount -l /proc && exec "$@"' sh "$@"; }
run no_proc /bin/true
[ "$status" = 0 ] || skip_all "needs a mount namespace of its own: $err"

for prog in prog static; do
	for mode in const data mapped; do
		stub_patch $prog $mode
		run_patched ./mdwe ./$prog
		is "$out$err" "$new_lines" "$prog, $mode: MDWE"
		run no_proc env HOTPATCH_STORE="$PWD/store" ./$prog
		is "$out$err" "$new_lines" "$prog, $mode: no /proc"
		run no_proc ./mdwe /usr/bin/env HOTPATCH_STORE="$PWD/store" ./$prog
		is "$out$err" "${old_lines}hotpatch: ./$prog: cannot apply '$patch': cannot write to the module's memory" \
			"$prog, $mode: MDWE and no /proc: refused"
	done
done

chmod 755 . store && stub_patch prog data && chmod 711 prog
run setpriv --reuid=65534 --regid=65534 --clear-groups env HOTPATCH_STORE="$PWD/store" ./prog
is "$out$err" "$new_lines" 'a program that may not be read is not dumpable: no /proc/self/mem'
done_testing

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

# One write in the middle fails: all is as before, the byte above the entry, too. -no-pie: addresses are known.
cat >deny.c <<'END'
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	(void)argc;
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ, SYS_pwrite64, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[3])),
		BPF_JUMP(BPF_JMP | BPF_JEQ, (unsigned)strtoul(argv[1], NULL, 16), 0, 1),
		BPF_STMT(BPF_RET, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { sizeof code / sizeof *code, code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
		return perror("seccomp"), 1;
	execv(argv[2], argv + 2);
	return perror(argv[2]), 1;
}
END
{ stub_source; stub_main | sed 's/return 0/return ((unsigned char *)f)[-5] != 0xcc/'; } >halfway.c
$CC -o deny deny.c && $CC -O2 -fno-pie -no-pie -o halfway halfway.c $stub_libs && stub_patch halfway || exit
entry=$(nm halfway | sed -n 's/ T f$//p')
run_patched ./halfway
is "$out$err $status" "$new_lines 1" 'the room above the entry is used'
run_patched ./deny "$entry" ./halfway
is "$out$err $status" "${old_lines}hotpatch: ./halfway: cannot apply '$patch': cannot write to the module's memory 0" \
	'an entry that cannot be written: all is taken back'
done_testing

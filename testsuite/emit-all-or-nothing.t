#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# hp-diff writes both files or none, whatever goes wrong; and never leaves a temporary file.
. "${0%/*}/emit.sh"

emit_pair || exit

mkdir out
run bash -c "ulimit -f 2; exec '$hp_diff' old/prog new/prog -o out"
isnt "$status" 0 'a file that can not grow is an error'
like "$err" "cannot write 'out/prog.*': File too large" 'with a message'
is "$(ls -A out)" '' 'nothing is left'

run "$hp_diff" old/prog new/prog -o nowhere/deep
is "$status" 2 'a directory whose parent is not there is an error'
like "$err" 'nowhere/deep' 'which is named'

mkdir locked && chmod 555 locked
if [ "$(id -u)" = 0 ]; then
	skip 'a directory without write permission is an error' 'root may write anywhere'
else
	status_is 2 'a directory without write permission is an error' "$hp_diff" old/prog new/prog -o locked
fi

if have strace; then
	run strace -o /dev/null -e trace=rename -e inject=rename:error=EIO:when=1 "$hp_diff" old/prog new/prog -o out
	is "$(ls -A out)" '' 'nothing is left when the names can not be given'
	run strace -o /dev/null -e trace=fchmod -e inject=fchmod:signal=SIGTERM:when=1 "$hp_diff" old/prog new/prog -o out
	is "$signal$status" TERMkilled 'SIGTERM ends it'
	is "$(ls -A out)" '' 'and nothing is left'
else
	skip 'interrupted' 'no strace'
fi

ok 'a new directory is made' "$hp_diff" old/prog new/prog -o fresh
is "$(ls -A fresh)" "prog"$'\n'"prog.hp.o" 'with the two files'
emit_diff
is "$(ls -A out)" "prog"$'\n'"prog.hp.o" 'a run that goes well leaves the two files'
done_testing

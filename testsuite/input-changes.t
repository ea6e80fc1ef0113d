#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Somebody cuts off, or writes to, an input while hp-diff reads it: an error like that of any file which can't be read.
. "${0%/*}/lib.sh"
need_tool perl

# halted.pl STAGE COMMAND ARG...: hp-diff -v ARG..., which finds the pipe for its messages full when it wants to name
# STAGE; meanwhile COMMAND runs.
write halted.pl <<'END'
my ($stage, $command, @run) = @ARGV;
my $before = (split /^hp-diff: $stage\n/m, qx(@run -v --dry-run 2>&1 >/dev/null))[0];
pipe my $r, my $w;
fcntl $w, 1031, 4096;                   # F_SETPIPE_SZ
syswrite $w, 'x' x (4096 - length $before);
my $pid = fork // die;
if (!$pid) {
	open STDERR, '>&', $w;
	exec @run, '-v';
}
close $w;
for (my $n = pack 'i', 0; unpack('i', $n) < 4096; select undef, undef, undef, 0.01) {
	ioctl $r, 0x541b, $n;           # FIONREAD
}
system $command;
local $/;
print STDERR grep { !/^x|: [a-z-]+\n|objects, / } split /^/, <$r>;
waitpid $pid, 0;
kill $? & 127, $$;
exit $? >> 8;
END

ok 'a pair builds' build_pair "$top/testsuite/pairs/constant"
mkdir kept out && cp -r old new kept

# ends STAGE COMMAND REGEX NAME [OPTION...]
ends() {
	local name=$4
	rm -rf old new && cp -r kept/old kept/new .
	status_is 2 "$name: exit status 2" perl halted.pl "$1" "$2" "$hp_diff" -o out --json=j "${@:5}" old/prog new/prog
	like "$err" "^hp-diff: [^"$'\n'"]*$3[^"$'\n'"]*; copy or build the file again$" "$name: one message, and what to do"
	is "$(json j refusals) $(json j status)" 'damaged unusable' "$name: JSON says so, too"
	is "$(ls -A out)" '' "$name: nothing is written"
}

for file in old new; do
	for stage in correlation comparison refusals placing; do
		ends $stage "truncate -s 100 $file/prog" "'$file/prog'.*cut off" "$file is cut off before the stage $stage"
	done
	ends refusals "echo >>$file/prog" "$file/prog.*written to" "$file grows"
	ends writing "touch $file/prog" "$file/prog.*written to" "$file is written at the end"
	ends placing "truncate -s 100 $file/prog" "'$file/prog'.*cut off" "$file is cut off in a dry run" --dry-run
done
done_testing

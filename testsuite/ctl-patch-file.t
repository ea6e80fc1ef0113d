#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A patch file that is none, or that somebody writes to while it is read: it is read once, and used whole or not at all.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root
need_tool perl

ok 'the target builds' ctl_pair target
ok 'it runs' launch target plain
before=$(text_of "$pid")

# refused WHAT FILE REGEX
refused() {
	status_is 2 "$1" "$hp_ctl" apply "$2" --pid "$pid"
	like "$err" "cannot use patch '.*': $3" "$1: it says why"
}
mkfifo fifo
mkdir directory
ln -s loop loop
: >empty
truncate -s 3G huge
truncate -s 64M sparse
head -c 1000 "$patch" >short
perl -e 'local $/; $_ = <STDIN>; substr($_, 700, 1) ^= "\x55"; print' <"$patch" >altered
refused 'a FIFO that nobody writes to' fifo 'not a regular file'
refused 'a directory' directory 'Is a directory'
refused 'a link to itself' loop 'Too many levels'
refused 'a device without end' /dev/zero 'not a regular file'
refused 'an empty file' empty '.*'
refused 'a file of 3 GB' huge 'File too large'
refused 'a file of holes' sparse '.*'
refused 'the first kilobyte' short '.*'
refused 'a byte that is another' altered '.*'
refused 'no file' missing 'No such file'
is "$(text_of "$pid")" "$before" 'nothing was written'
ln -s "$patch" link
ok 'a link to a patch' "$hp_ctl" apply link --pid "$pid" --timeout 30
ok 'the new functions answer' says '2 2'
ok 'revert' "$hp_ctl" revert "$patch" --pid "$pid" --timeout 30

# Whole, cut, and with a byte changed in turn, in the same file.
cp "$patch" changing
start perl -e '
	open my $f, "<:raw", $ARGV[0] or die; local $/; my $good = <$f>;
	for (my $n = 0;; $n++) {
		my $bytes = $good;
		substr($bytes, $n * 37 % length $bytes, 1) ^= "\x55" if $n % 3 == 1;
		substr($bytes, $n * 53 % length $bytes) = "" if $n % 3 == 2;
		open my $o, "+<:raw", $ARGV[1] or die; truncate $o, length $bytes;
		for (my $at = 0; $at < length $bytes; $at += 100) { syswrite $o, substr $bytes, $at, 100 }
		select undef, undef, undef, 0.001 * ($n % 3 == 0);
	}' "$patch" changing
writer=$started
done=0 refused=0 wrong=0
for ((i = 0; i < 150; i++)); do
	run "$hp_ctl" apply changing --pid "$pid" --timeout 30
	case $status,$err in
	0,*) done=$((done + 1)); says '2 2' || wrong=$((wrong + 1)) ;;
	2,*"cannot use patch"*) refused=$((refused + 1)) ;;
	*) wrong=$((wrong + 1)); diag "$(ending): $out$err" ;;
	esac
	run "$hp_ctl" revert "$patch" --pid "$pid" --timeout 30
	[ "$status" = 0 ] || wrong=$((wrong + 1))
done
stop "$writer"
is "$wrong" 0 "written to while it is read: used whole or refused"
echo "# used $done times, refused $refused times"
is "$(text_of "$pid")" "$before" 'every byte is as it was'
done_testing

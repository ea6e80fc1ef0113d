#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A process chooses its name and the path of its program: neither disturbs a terminal, nor looks like hp-ctl's own words.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root
need_tool perl

# Escape sequences; a line that would be another process; quotes; controls of eight bits; text that goes from right to left.
name=$'\e]0;x\a"\\\n9'
dir=$'a\n1 init patched\e[2J"\\\xc2\x9b31m\xe2\x80\xae\xff'
ok 'the target builds' ctl_pair target
mkdir -p "$dir/1"
cp target/1/prog "$dir/1/$name"
start "$dir/1/$name" plain >log
pid=$started
ok 'it runs' says '1 1'

# clean FILE: nothing in it but text of hp-ctl and its line ends
clean() { perl -e 'local $/; $_ = <STDIN>; exit !(/\A[^\x00-\x09\x0b-\x1f\x7f]*\z/ && !/\xc2[\x80-\x9f]/ && !/\xe2\x80[\x8e\x8f\xa8-\xae]/ && !/\xff/)' <"$1"; }
# ctl COMMAND...: what it says in said and talk
ctl() { run "$hp_ctl" "$@" --pid "$pid"; cp .out said; cp .err talk; }

for command in status "check $patch" "apply --dry-run $patch" "apply $patch" "apply $patch" "revert $patch"; do
	ctl $command
	ok "$command: nothing for the terminal" clean said
	ok "$command: nor beside it" clean talk
	is "$(grep -c '^1 init' said)" 0 "$command: no line of its own"
	ctl $command --json
	ok "$command: JSON, nothing for the terminal" clean said
	is "$(perl -MJSON::PP -e 'local $/; my $p = decode_json(<STDIN>)->{processes}; print scalar @$p, " $p->[0]{pid}"' <said)" \
		"1 $pid" "$command: JSON, one process"
done
ctl status --json
like "$(field processes.0.modules.0.path 2>/dev/null)" 'init patched.*\[2J"' 'JSON has the path'
is "$(field processes.0.command)" "$name" 'and the name'
done_testing

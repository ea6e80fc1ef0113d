#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The manual of hp-ctl says what the program says.
. "${0%/*}/lib.sh"
need_tool mandoc
page=$top/runtime/hp-ctl.8
hp_ctl=$build/hp-ctl

words() { grep -oE -- '--[a-z-]+(=[A-Za-z|]+)?' | sort -u; }
is "$(mandoc -T ascii "$page" | col -b | sed -n '/^SYNOPSIS/,/^DESCRIPTION/p' | words)" \
	"$("$hp_ctl" --help | words)" 'the synopsis has the options of --help'
is "$(grep -oE '^\.Cm [a-z]+' "$page" | head -n 6 | sed 's/.* //' | sort)" \
	"$("$hp_ctl" --help | sed -n '/^Commands/,/^$/s/^  \([a-z]*\) .*/\1/p' | sort)" 'and its commands'
is "$(sed -n '/^\.\\" causes/,/^\.\\" end of causes/s/^\.It Li //p' "$page")" \
	"$(sed -n 's/^HP_CTL_CAUSE([A-Z_]*, "\([a-z-]*\)".*/\1/p' "$top/runtime/ctl-cause.def" | grep -v none)" 'every cause is listed'

status_is 2 'no command' "$hp_ctl"
status_is 2 'an unknown command' "$hp_ctl" frob
like "$err" "unknown command 'frob'" 'is named'
status_is 2 'an unknown option' "$hp_ctl" status --frob
status_is 2 'an option of another command' "$hp_ctl" status --dry-run
status_is 2 'no patch' "$hp_ctl" apply
status_is 2 'a bad number' "$hp_ctl" status --pid x
status_is 2 'a bad consistency' "$hp_ctl" apply x --consistency=some
status_is 2 'no such file' "$hp_ctl" apply /nonexistent
status_is 2 'no ELF file' "$hp_ctl" apply "$page"
like "$err" 'not an ELF file' 'says so'
status_is 2 'a directory' "$hp_ctl" apply "$T"
status_is 2 'no patch in it' "$hp_ctl" apply "$hp_ctl"
ok 'help' "$hp_ctl" --help
done_testing

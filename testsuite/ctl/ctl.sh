# SPDX-License-Identifier: GPL-3.0-or-later
#
# Helpers for the tests of hp-ctl, on top of lib.sh:
#
#	. "${0%/*}/lib.sh"; . "$top/testsuite/ctl/ctl.sh"
#	ctl_pair target              target/old/prog, target/hp/prog.hp.o from testsuite/ctl/target.c, V=1 and V=2
#	launch target spin 4         runs the old one; its pid in $pid, what it says in log
#	says '2 2'                   waits until it last said so; "held" is said by a thread that stays where it is

hp_ctl=$build/hp-ctl

# ctl_pair NAME [FLAG...]
ctl_pair() {
	local name=$1 v
	shift
	for v in 1 2; do
		mkdir -p "$name/$v"
		cp "$top"/testsuite/ctl/"$name".c* .
		case $(echo "$name".c*) in
		*.cc) hp_cxx -DV="$v" "$@" "$name.cc" -o "$name/$v/prog" ;;
		*) hp_cc -DV="$v" -pthread "$@" "$name.c" -o "$name/$v/prog" ;;
		esac || return
	done
	mkdir -p "$name/hp"
	"$hp_diff" -o "$name/hp" --label 'CVE-2026-1' "$name/1/prog" "$name/2/prog" || return
	patch=$name/hp/prog.hp.o
}

# follow_builds: old/prog, one/prog, two/prog from follow.c, and empty directories for their patches
follow_builds() {
	local v names=(old one two)
	cp "$top/testsuite/ctl/follow.c" .
	for v in 0 1 2; do
		mkdir -p "${names[v]}" "hp$((v + 1))"
		hp_cc -DV=$v -pthread follow.c -o "${names[v]}/prog" || return
	done
}

# launch NAME ARG...
launch() {
	local name=$1
	shift
	start "$name/1/prog" "$@" >log
	pid=$started
	says '1 1'
}

last_is() { [ "$(grep -vE 'MIXED|child|held|went' log | tail -n 1)" = "$1" ]; }
says() { await 60 last_is "$1"; }

alive() { kill -0 "$1" 2>/dev/null; }

# ctl_hooks: $hooked is an hp-ctl with test hooks.
ctl_hooks() {
	hooked=$T/hp-ctl-hooks
	$CC -std=gnu11 -g -O1 -DHP_TEST_HOOKS ${SANITIZE:-} -o "$hooked" "$top"/runtime/ctl-*.c \
		"$top"/runtime/{target-proc,engine,patch,sha1}.c
}

# field PATH-IN-JSON: of what hp-ctl --json said in $out, e.g. 'processes.0.cause'
field() {
	perl -MJSON::PP -e '
		local $/; my $v = decode_json(<STDIN>);
		for (split /\./, $ARGV[0]) { $v = ref $v eq "ARRAY" ? $v->[$_] : $v->{$_}; }
		print ref $v eq "ARRAY" ? scalar @$v : $v // ""' "$1" <<<"$out"
}

# text_of PID: a sum over the code of the program as it stands in memory
text_of() {
	perl -e '
		open my $m, "<", "/proc/$ARGV[0]/maps"; open my $f, "<:raw", "/proc/$ARGV[0]/mem"; my $exe = readlink "/proc/$ARGV[0]/exe";
		use Digest::SHA; my $d = Digest::SHA->new(1);
		while (<$m>) { next unless /^([0-9a-f]+)-([0-9a-f]+) r(.)(.)p/ && index($_, $exe) > 0 && $3 ne "w";
			sysseek $f, hex $1, 0; sysread $f, my $b, hex($2) - hex $1; $d->add($b); }
		print $d->hexdigest' "$1"
}

# SPDX-License-Identifier: GPL-3.0-or-later
#
# Helpers for the tests of hp-ctl, on top of lib.sh:
#
#	. "${0%/*}/lib.sh"; . "$top/testsuite/ctl/ctl.sh"
#	ctl_pair target              target/old/prog, target/hp/prog.hp.o from testsuite/ctl/target.c, V=1 and V=2
#	launch target spin 4         runs the old one; its pid in $pid, what it says in log
#	says '2 2'                   waits until it last said so; "held" is said by a thread that stays where it is
#	there_and_back spin          applies the patch and takes it back, and asks the process and hp-ctl on the way
#
# With mapped=1 the arena is so small, and the second function of V=2 so large, that the patch outgrows it.

hp_ctl=$build/hp-ctl

# ctl_pair NAME [FLAG...]
ctl_pair() {
	local name=$1 v
	shift
	[ -z "${mapped-}" ] || set -- -DBIG=40000 -fplugin-arg-hotpatch-arena=4096 "$@"
	for v in 1 2; do
		mkdir -p "$name/$v"
		cp "$top"/testsuite/ctl/"$name".c* .
		case $(echo "$name".c*) in
		*.cc) hp_cxx -DV="$v" "$@" "$name.cc" -o "$name/$v/prog" ;;
		*) hp_cc -DV="$v" -pthread "$@" "$name.c" -o "$name/$v/prog" ;;
		esac || return
	done
	mkdir -p "$name/hp"
	"$hp_diff" -o "$name/hp" --label 'CVE-2026-1' --json="$name/json" "$name/1/prog" "$name/2/prog" || return
	patch=$name/hp/prog.hp.o
	[ -z "${mapped-}" ] || { out=$(cat "$name/json") && [ "$(field arena.mapped)" = 1 ]; }
}

# follow_build NAME V [FLAG...]: NAME/prog from follow.c
follow_build() {
	cp "$top/testsuite/ctl/follow.c" .
	mkdir -p "$1"
	hp_cc -DV="$2" -pthread "${@:3}" follow.c -o "$1/prog"
}

# follow_builds [FLAG...]: old/prog, one/prog, two/prog, and empty directories for their patches
follow_builds() {
	local v names=(old one two)
	for v in 0 1 2; do
		mkdir -p "hp$((v + 1))"
		follow_build "${names[v]}" $v "$@" || return
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

# room_of PID: a sum over the executable part of the reserve, which is what has no file
room_of() {
	perl -MDigest::SHA=sha1_hex -e '
		open my $m, "<", "/proc/$ARGV[0]/maps"; open my $f, "<:raw", "/proc/$ARGV[0]/mem";
		while (<$m>) { next unless /^([0-9a-f]+)-([0-9a-f]+) r-xp \S+ 00:00 0 *$/;
			sysseek $f, hex $1, 0; sysread $f, my $b, hex($2) - hex $1; print sha1_hex($b), "\n"; }' "$1"
}

# patched WHAT [OPTION], reverted WHAT [OPTION]: hp-ctl does it, and says so when it is asked.
patched() {
	ok "$1: apply" "$hp_ctl" apply "$patch" --pid "$pid" --timeout 40 ${2-}
	run "$hp_ctl" apply "$patch" --pid "$pid" --json
	is "$(field processes.0.outcome)" already "$1: once is enough"
	ok "$1: check" "$hp_ctl" check "$patch" --pid "$pid"
	is "$(state)" patched "$1: status"
}

reverted() {
	ok "$1: revert" "$hp_ctl" revert "$patch" --pid "$pid" --timeout 40 ${2-}
	status_is 1 "$1: check knows it" "$hp_ctl" check "$patch" --pid "$pid"
	[ -n "${2-}" ] || is "$(state)" unpatched "$1: so does status"
}

state() { run "$hp_ctl" status --json --pid "$pid"; field processes.0.modules.0.state; }

# there_and_back WHAT [OPTION]
there_and_back() {
	local before empty
	before=$(text_of "$pid") empty=$(room_of "$pid")
	patched "$@"
	ok "$1: the new functions answer" says '2 2'
	reverted "$@"
	ok "$1: the old functions answer" says '1 1'
	[ -z "${2-}" ] || return 0
	is "$(text_of "$pid") $(room_of "$pid")" "$before $empty" "$1: every byte is as it was"
	unlike "$(cat log)" MIXED "$1: the sides never mix"
}

# deny_exec: ./deny PROGRAM runs one that is denied the room for mapped patches
deny_exec() { $CC "$top/testsuite/ctl/deny.c" -o deny; }

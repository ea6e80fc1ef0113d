# SPDX-License-Identifier: GPL-3.0-or-later
#
# Helpers for the tests; a test is a bash script that prints TAP:
#
#	. "${0%/*}/lib.sh"
#	ok 'both build' build_pair "$top/testsuite/pairs/constant"
#	is "$(./old/prog)" 'limit 10' 'OLD prints its constant'
#	done_testing
#
# Each script runs in an empty directory of its own, which is kept, and named, when a test in it failed. What a program
# says goes through run(), which knows a death by signal: that is never what a test wanted.

set -u
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${BUILD:-$top/build}
CC=${CC:-gcc} CXX=${CXX:-g++}
LC_ALL=C
export CC CXX LC_ALL
unset HOTPATCH_STORE HOTPATCH_DEBUG

hp_diff=$build/hp-diff
hp_cflags="-O2 -g -fplugin=$build/hotpatch.so -idirafter $top/runtime"
hp_ldflags="-Wl,--emit-relocs -Wl,--build-id${LINKER:+ -fuse-ld=$LINKER}"

_test=0 _failed=0 _planned='' _todo=''

# ---- TAP ------------------------------------------------------------------------------------------------------------

plan() { _planned=$1; echo "1..$1"; }

# done_testing: last line of a script that did not plan.
done_testing() { [ -n "$_planned" ] || plan "$_test"; }

# skip_all REASON: nothing of this script can run here. REASON names what is missing.
skip_all() { _planned=0; echo "1..0 # SKIP $1"; exit 0; }

pass() { _test=$((_test + 1)); echo "ok $_test - $1${_todo:+ # TODO $_todo}"; }

# fail NAME [TEXT]: TEXT goes to the log.
fail() {
	_test=$((_test + 1))
	echo "not ok $_test - $1${_todo:+ # TODO $_todo}"
	[ -n "$_todo" ] || _failed=$((_failed + 1))
	[ -z "${2-}" ] || diag "$2"
	return 0
}

skip() { _test=$((_test + 1)); echo "ok $_test - $1 # SKIP $2"; }

# todo REASON: tests from here on show a known gap; todo '' ends it.
todo() { _todo=$1; }

# Where a TODO test fails, its talk is no alarm and goes to the TAP stream, not to stderr.
diag() { if [ -n "$_todo" ]; then sed 's/^/# /' <<<"$1"; else sed 's/^/# /' <<<"$1" >&2; fi; }

# ok NAME COMMAND...: passes when COMMAND ends with status 0; its output is shown when it does not.
ok() {
	local name=$1
	shift
	run "$@"
	if [ "$status" = 0 ]; then pass "$name"; else fail "$name" "$* $(ending)"$'\n'"$out$err"; fi
}

# status_is N NAME COMMAND...
status_is() {
	local want=$1 name=$2
	shift 2
	run "$@"
	if [ "$status" = "$want" ]; then pass "$name"; else fail "$name" "$* $(ending), wanted $want"$'\n'"$out$err"; fi
}

is() {
	if [ "$1" = "$2" ]; then pass "$3"; else fail "$3" "seen:"$'\n'"$1"$'\n'"wanted:"$'\n'"$2"; fi
}

isnt() { if [ "$1" != "$2" ]; then pass "$3"; else fail "$3" "seen, and not wanted:"$'\n'"$1"; fi; }

# like TEXT REGEX NAME: extended regular expression of bash.
like() { if [[ $1 =~ $2 ]]; then pass "$3"; else fail "$3" "seen:"$'\n'"$1"$'\n'"wanted, like: $2"; fi; }
unlike() { if [[ $1 =~ $2 ]]; then fail "$3" "seen:"$'\n'"$1"$'\n'"not wanted, like: $2"; else pass "$3"; fi; }

# ---- running --------------------------------------------------------------------------------------------------------

# run [VARIABLE=VALUE...] COMMAND...: sets out, err, status and signal (empty, or its name). COMMAND may be a function;
# a program is ended after LIMIT seconds (default 60).
run() {
	if [ "$(type -t -- "$1")" = function ]; then
		"$@" >"$T/.out" 2>"$T/.err" </dev/null
	else
		timeout "${LIMIT:-60}" env "$@" >"$T/.out" 2>"$T/.err" </dev/null
	fi
	status=$? signal=''
	out=$(tr -d '\0' <"$T/.out") err=$(tr -d '\0' <"$T/.err")
	if [ "$status" -gt 128 ]; then signal=$(kill -l "$status") status=killed; fi
	if [ "$status" = 124 ]; then status=timeout; fi
}

ending() { echo "ended with status $status${signal:+ by SIG$signal}"; }

# await SECONDS COMMAND...: polls until COMMAND succeeds; 1 when it never did.
await() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.02
	done
}

# start COMMAND...: in the background, its pid in $started; stopped at the script's end at the latest.
start() {
	"$@" &
	started=$!
}

stop() { kill "$1" 2>/dev/null && wait "$1" 2>/dev/null; return 0; }

need_root() { [ "$(id -u)" = 0 ] || skip_all 'needs root'; }
need_tool() { local t; for t; do command -v "$t" >/dev/null || skip_all "needs $t"; done; }
have() { command -v "$1" >/dev/null; }

# ---- building -------------------------------------------------------------------------------------------------------

# hp_cc ARG...: the compiler as a user of the plugin calls it. hp_cxx likewise.
hp_cc() { $CC $hp_cflags $hp_ldflags "$@"; }
hp_cxx() { $CXX $hp_cflags $hp_ldflags "$@"; }

# write FILE: stdin into it, directories made.
write() { mkdir -p "$(dirname "$1")"; cat >"$1"; }

# build_id FILE
build_id() { readelf -nW "$1" | sed -n 's/.*Build ID: //p'; }

# build_pair DIR [FLAG...]: old/prog and new/prog here, from DIR/old.c and DIR/new.c (or .cc), or from all sources in
# DIR/old and DIR/new. DIR/flags holds flags of the pair. Where DIR/build exists it is sourced in the directory of each
# side instead, with CC, CXX, FLAGS, LDFLAGS set. WAIT may name an object file for the program.
# Both sides are compiled as the same file names in equal directories, so no path makes a difference.
build_pair() {
	local from=$1 side
	shift
	for side in old new; do
		rm -rf src "$side"
		mkdir src "$side"
		_sources "$from" "$side" || return
		(cd src && _build "$from" "$@") || return
		find src -maxdepth 1 -type f ! -name '*.[cho]' ! -name '*.cc' -exec mv {} "$side" \;
	done
	rm -rf src
}

# wait_object: makes WAIT, what run-pairs links into programs; some pairs call hp_wait() of it.
wait_object() {
	WAIT=$T/wait.o
	$CC -O2 -fPIC -fcf-protection -c "$top/testsuite/wait.c" -o "$WAIT"
}

_sources() {
	local from=$1 side=$2 ext
	if [ -d "$from/$side" ]; then cp "$from/$side"/* src; return; fi
	for ext in c cc; do
		[ ! -f "$from/$side.$ext" ] || { cp "$from/$side.$ext" "src/main.$ext"; return; }
	done
	echo "no $side.c, $side.cc or $side/ in '$from'" >&2
	return 1
}

_build() {
	local from=$1 compiler=$CC
	shift
	FLAGS="$hp_cflags -ffile-prefix-map=$PWD=. $(cat "$from/flags" 2>/dev/null) $*" LDFLAGS=$hp_ldflags
	if [ -f "$from/build" ]; then . "$from/build"; return; fi
	compgen -G '*.cc' >/dev/null && compiler=$CXX
	$compiler $FLAGS $LDFLAGS *.c* ${WAIT-} -o prog
}

# store DIR FILE.hp.o OLD: a store DIR in which the hotpatch waits for OLD.
store() {
	mkdir -p -m 755 "$1"
	install -m 644 "$2" "$1/$(build_id "$3").hp.o"
}

# json FILE KEY: strings of a list, one a line, sorted; of a list of objects the field 'cause'; a scalar as it is.
json() {
	perl -MJSON::PP -e '
		local $/; open my $f, "<", $ARGV[0] or die "cannot open $ARGV[0]: $!\n";
		my $v = decode_json(<$f>)->{$ARGV[1]};
		my @v = ref $v eq "ARRAY" ? sort map { ref ? $_->{cause} // $_->{name} : $_ } @$v : defined $v ? $v : ();
		print map { "$_\n" } @v' "$1" "$2"
}

# ---- own directory --------------------------------------------------------------------------------------------------

# Only what runs still: the number of a child that has ended may be somebody else's by now.
_cleanup() {
	local code=$? pid
	for pid in $(jobs -pr); do kill "$pid"; kill -CONT "$pid"; done 2>/dev/null
	cd /
	if [ -z "$_planned" ]; then echo "# the script ended before done_testing" >&2; code=1; fi
	if [ "$_failed" = 0 ] && [ "$code" = 0 ]; then rm -rf "$T"; else echo "# kept: $T" >&2; fi
	[ "$_failed" = 0 ] && exit "$code" || exit 1
}

T=$(mktemp -d "${TMPDIR:-/tmp}/hotpatch-test.XXXXXX") || exit
chmod 755 "$T"
trap _cleanup EXIT
trap 'exit 130' INT TERM
cd "$T" || exit

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A privileged program uses the built-in store, and tells the system log what it refuses: nothing on stderr.
. "${0%/*}/stub.sh"
need_root
need_tool unshare setpriv

# The module with a store of its own, and a /dev with a log that writes to ./log.
$CC -DHP_STORE="\"$PWD/store\"" -I"$build" -Wa,-I"$build" -c "$top/runtime/module.S" || exit
stub_libs="-Wl,--build-id module.o"
stub_program prog || exit
stub_patch prog && chmod 755 . store && chmod 4755 prog
run ./prog
is "$out$err" "$new_lines" 'the built-in store'
run setpriv --reuid=65534 --regid=65534 --clear-groups ./prog
is "$out$err" "$new_lines" 'the built-in store, setuid'

cat >with-log <<'END'
mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3 || exit
perl -MIO::Socket::UNIX -e '
	my $s = IO::Socket::UNIX->new (Type => SOCK_DGRAM, Local => "/dev/log") or die "no socket: $!";
	chmod 0666, "/dev/log";
	open my $f, ">", "log"; $f->autoflush;
	open my $r, ">", "ready"; close $r;
	while (1) { $s->recv (my $line, 4096); print $f "$line\n"; }' &
listener=$!
for i in {1..100}; do [ -e ready ] && break; sleep 0.05; done
"$@"
status=$?
for i in {1..20}; do [ -s log ] && break; sleep 0.05; done
kill $listener
exit $status
END
stub_patch prog const old
if run unshare -m --propagation private true && [ "$status" = 0 ]; then
	run unshare -m --propagation private bash ./with-log setpriv --reuid=65534 --regid=65534 --clear-groups ./prog
	is "$out$err" "$old_lines" 'refused: old code, and nothing on stderr'
	is "$(cat log)" "<28>hotpatch: ./prog: cannot apply '$patch': the module's bytes are neither the old nor the new ones" \
		'one line in the log'
else
	skip 'refused: one line in the log' "needs a mount namespace of its own: $err"
fi
run setpriv --reuid=65534 --regid=65534 --clear-groups ./prog
is "$out$err" "$old_lines" 'no log: no harm'
done_testing

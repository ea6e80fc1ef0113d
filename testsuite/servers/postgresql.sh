# SPDX-License-Identifier: GPL-3.0-or-later
# PostgreSQL: a process for each client, others that come and go; pgbench.
package=postgresql-15 program=src/backend/postgres
parts='include common port timezone backend backend/utils/mb/conversion_procs backend/snowball interfaces/libpq fe_utils
	bin/initdb bin/pgbench bin/psql pl/plpgsql/src'

# Once all that is needed to run it; then the server alone.
compile() {
	local part
	if [ -x installed/bin/psql ]; then
		make -s -C src/backend
		return
	fi
	./configure -q --prefix="$PWD/installed" --without-readline --without-zlib --without-icu \
		CFLAGS="$plugin_flags" LDFLAGS="$link_flags" && make -s -C src/backend generated-headers || return
	for part in $parts; do make -s -C "src/$part" install || return; done
}

# It does not run as root. In place of the shell that calls this.
as_user() {
	[ "$(id -u)" != 0 ] || exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
	exec "$@"
}
client() { local p=$1; shift; "$source/installed/bin/$p" -h 127.0.0.1 -p "$port" -U bench "$@" postgres; }

start_server() {
	mkdir data
	chmod 755 . ..
	[ "$(id -u)" != 0 ] || chown 65534:65534 data
	(as_user "$source/installed/bin/initdb" -D "$PWD/data" -U bench -A trust --no-sync -E UTF8) >initdb.log
	as_user "$server/old/postgres" -D "$PWD/data" -h 127.0.0.1 -p "$port" -k '' -c fsync=off -c shared_buffers=16MB \
		-c max_connections=40 >postgres.log 2>&1 &
	main=$!
	cat >script <<-'END'
		\set aid random(1, 100000)
		SELECT abalance FROM pgbench_accounts WHERE aid = :aid;
		UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = :aid;
		SELECT version() LIKE '%MIXED%' AS mixed \gset
		\if :mixed
			SELECT 1 / 0;
		\endif
	END
}

load_server() {
	local failed
	[ -f filled ] || { client pgbench -q -i >filled 2>&1; }
	rm -f log.*
	client pgbench -n -c 8 -T "$1" -f script -l --log-prefix log >pgbench.out 2>&1 || { cat pgbench.out >&2; return 1; }
	failed=$(sed -n 's/^number of failed transactions: \([0-9]*\).*/\1/p' pgbench.out)
	cat log.* | perl -lane 'push @t, $F[2]; END { @t = sort { $a <=> $b } @t;
		printf "%d %d %d %d\n", 3 * @t, '"$failed"', $t[$#t / 2], $t[$#t * .99] }'
}

ask_server() {
	case $(client psql -Atc 'SELECT version()' 2>&1) in
	*hotpatched) echo one ;;
	*whole*) echo many ;;
	*MIXED*) echo mixed ;;
	PostgreSQL*) echo old ;;
	esac
}

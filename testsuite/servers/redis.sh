# SPDX-License-Identifier: GPL-3.0-or-later
# redis: one thread serves, others free and close, a child that saves every second; redis-benchmark.
package=redis program=src/redis-server

# GIT_DIR: the build's number is not that of the repository around it.
compile() {
	GIT_DIR=/nonexistent SOURCE_DATE_EPOCH=0 make -C src V=1 MALLOC=libc USE_SYSTEMD=no BUILD_TLS=no \
		REDIS_CFLAGS="$plugin_flags" REDIS_LDFLAGS="$link_flags" redis-server
}

start_server() {
	"$server/old/redis-server" --port "$port" --bind 127.0.0.1 --save 1 1 --daemonize no >redis.log &
	main=$!
}

benchmark() { redis-benchmark -p "$port" -c 16 -t ping_mbulk,set,get -r 1000 --csv "$@"; }

# It wants to know how many requests, not how long: a short run tells how many a second.
load_server() {
	local n
	n=$(benchmark -n 3000 | perl -F'"' -ne '$s += 1 / $F[3] if $F[3] > 0; END { printf "%d", '"$1"' / $s }')
	benchmark -n "$((n < 10000 ? 10000 : n))" >csv 2>errors || echo failed >>errors
	perl -F'"' -ne 'next unless $F[3] > 0; $tests++; push @p, $F[9]; $w = $F[13] if $F[13] > ($w // 0);
		END { @p = sort { $a <=> $b } @p; printf "%d %d %d %d\n", '"$n"' * $tests, '"$(wc -l <errors)"', 1000 * $p[1], 1000 * $w }' csv
}

ask_server() {
	local line
	exec 9<>"/dev/tcp/127.0.0.1/$port"
	printf 'PING\r\nQUIT\r\n' >&9
	IFS= read -rt 60 line <&9
	exec 9>&-
	case $line in
	+PONG$'\r') echo old ;;
	'+PONG hotpatched'*) echo one ;;
	'+PONG whole '*) echo many ;;
	*) echo "$line" ;;
	esac
}

# SPDX-License-Identifier: GPL-3.0-or-later
# memcached: one process, four threads that serve, and others; line-load.
package=memcached program=memcached

compile() {
	[ -f Makefile ] || ./configure CFLAGS="$plugin_flags" LDFLAGS="$link_flags" --disable-docs || return
	make memcached
}

start_server() {
	"$server/old/memcached" -l 127.0.0.1 -p "$port" -t 4 -u nobody &
	main=$!
}

load_server() {
	"$dir/line-load" "$port" "$1" 16 $'set key 0 0 5\r\nhello\r\n' $'STORED\r\n' $'get key\r\n' $'VALUE key 0 5\r\nhello\r\nEND\r\n' \
		$'version\r\n' $'VERSION 1.*\r\n'
}

ask_server() {
	local line
	exec 9<>"/dev/tcp/127.0.0.1/$port"
	printf 'version\r\n' >&9
	IFS= read -rt 60 line <&9
	exec 9>&-
	case $line in
	*hotpatched*) echo one ;;
	*whole*) echo many ;;
	'VERSION '*MIXED*) echo mixed ;;
	'VERSION '*) echo old ;;
	esac
}

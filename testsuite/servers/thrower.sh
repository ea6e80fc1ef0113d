# SPDX-License-Identifier: GPL-3.0-or-later
# A C++ program of our own: two threads throw through the changed functions without pause, others do for clients.
program=thrower

compile() { $CXX $plugin_flags $link_flags -pthread thrower.cc -o thrower; }

start_server() {
	"$server/old/thrower" "$port" &
	main=$!
}

load_server() { "$dir/line-load" "$port" "$1" 8 $'throw\n' $'caught: no ?*\n'; }

ask_server() {
	local line
	exec 9<>"/dev/tcp/127.0.0.1/$port"
	printf 'throw\n' >&9
	IFS= read -rt 60 line <&9
	exec 9>&-
	case $line in
	*MIXED*) echo mixed ;;
	*hotpatched*) echo one ;;
	*whole*) echo many ;;
	caught:*) echo old ;;
	esac
}

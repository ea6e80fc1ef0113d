# SPDX-License-Identifier: GPL-3.0-or-later
# nginx: a master and two workers, loaded by wrk over connections that stay open.
package=nginx program=objs/nginx

compile() {
	[ -f objs/Makefile ] || ./configure --with-cc-opt="$plugin_flags" --with-ld-opt="$link_flags" \
		--without-http_rewrite_module --without-http_gzip_module --without-http_proxy_module --without-http_fastcgi_module \
		--without-http_uwsgi_module --without-http_scgi_module --without-http_grpc_module || return
	make
}

start_server() {
	mkdir -p logs html
	echo 'hello from nginx' >html/index.html
	chmod -R a+rX . html
	cat >nginx.conf <<-END
		worker_processes 2;
		daemon off;
		error_log logs/error.log;
		pid logs/nginx.pid;
		events { worker_connections 256; }
		http {
			access_log off;
			keepalive_requests 1000000000;
			keepalive_timeout 3600;
			server { listen 127.0.0.1:$port; root html; }
		}
	END
	"$server/old/nginx" -p "$PWD" -c nginx.conf &
	main=$!
}

load_server() { wrk -t 1 -c 16 -d "$1" --timeout 60 -s "$here/nginx.lua" "http://127.0.0.1:$port/"; }

ask_server() {
	local line seen=old
	exec 9<>"/dev/tcp/127.0.0.1/$port"
	printf 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&9
	while IFS= read -rt 60 line <&9; do
		case $line in
		Server:*hotpatched*) seen=one ;;
		X-Served:*whole*) seen=many ;;
		X-Served:*) seen=mixed ;;
		'hello from nginx') echo $seen ;;
		esac
	done
	exec 9>&-
}

# postgres.sh: a throw-away PostgreSQL server for tests.  Sourced, not run.
#   PG_OPTIONS            more options of the server
#   postgres_start DIR    initdb and start below DIR (absolute, short: a socket's
#                         path holds 107 bytes); sets PG_CONNINFO.  Again after
#                         postgres_stop: the same server with its data
#   postgres_stop         end it at once; DIR is the caller's to remove
# No TCP: the socket lies in a directory that only the server's user and root
# may enter.  PostgreSQL refuses to run as root, so root's servers belong to the
# user that Debian's package made.
PG_PID=

postgres_bindir() {
	for _b in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV); do
		[ -x "$_b/initdb" ] && echo "$_b" && return 0
	done
	_b=$(command -v initdb) && dirname "$_b"
}

# Run as the server's user, by exec: the pid stays the server's own, and a signal
# reaches it (runuser would leave it behind).
postgres_as() {
	if [ "$(id -u)" = 0 ]; then
		exec setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
	fi
	exec "$@"
}

postgres_start() {
	_dir=$1
	_bin=$(postgres_bindir) || { echo "no PostgreSQL server is installed"; return 1; }
	mkdir -p "$_dir/data" "$_dir/run" && chmod 755 "$_dir" && chmod 700 "$_dir/data" "$_dir/run" || return 1
	[ "$(id -u)" != 0 ] || chown postgres: "$_dir/data" "$_dir/run" || return 1
	# cwd /: the caller's may be closed to the server's user
	[ -f "$_dir/data/PG_VERSION" ] || (cd / && postgres_as "$_bin/initdb" -D "$_dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N) \
	    >"$_dir/initdb.log" 2>&1 || { cat "$_dir/initdb.log"; return 1; }
	# durability is not what these tests are about
	(cd / && postgres_as "$_bin/postgres" -D "$_dir/data" -k "$_dir/run" -c listen_addresses= \
	    -c fsync=off -c max_connections=60 -c shared_buffers=32MB ${PG_OPTIONS:-}) >"$_dir/postgres.log" 2>&1 &
	PG_PID=$!
	PG_CONNINFO="host=$_dir/run user=postgres dbname=postgres"
	_n=300
	until "$_bin/pg_isready" -q -d "$PG_CONNINFO"; do
		_n=$((_n - 1))
		if [ $_n -le 0 ] || ! kill -0 $PG_PID 2>/dev/null; then
			cat "$_dir/postgres.log"
			return 1
		fi
		sleep 0.1
	done
}

postgres_stop() {
	[ -n "$PG_PID" ] || return 0
	kill -QUIT "$PG_PID" 2>/dev/null	# at once; nothing here is kept
	wait "$PG_PID" 2>/dev/null
	PG_PID=
}

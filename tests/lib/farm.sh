# farm.sh: a whole farm for end-to-end tests.  Sourced, not run.
#   farm_start [WORKERS]      scanfarm up in a directory of its own
#   farm_stop                 SIGTERM, and it must end with status 0
#   fake_registry_start       tests/lib/fake_registry.py, FAKE=127.0.0.1:PORT
#   sql STATEMENT             one statement against the farm's database, -At
#   wait_sql SECONDS STATEMENT WANT    until it prints WANT, else fail
#   fail TEXT                 say why, show the farm's log, exit 1
# Everything lives below $T, which is removed at exit with its processes.
set -u
TOP=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=${BUILD:-$TOP/build}
PATH=$BUILD:$PATH
T=$(mktemp -d "${TMPDIR:-/tmp}/sf-e2e.XXXXXX") || exit 1
chmod 755 "$T"
UP= FAKE_PID=

fail() {
	echo "FAIL: $*"
	if [ -f "$T/up.log" ]; then
		echo "--- the farm's last lines"
		tail -n 40 "$T/up.log"
	fi
	exit 1
}

cleanup() {
	[ -n "$UP" ] && kill -TERM "$UP" 2>/dev/null && wait "$UP" 2>/dev/null
	[ -n "$FAKE_PID" ] && kill "$FAKE_PID" 2>/dev/null
	command -v stop_registry >/dev/null && stop_registry 2>/dev/null
	rm -rf "$T"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# wait_for SECONDS COMMAND...: poll until the command succeeds.
wait_for() {
	_left=$(($1 * 5)); shift
	while ! "$@"; do
		_left=$((_left - 1))
		[ $_left -gt 0 ] || return 1
		sleep 0.2
	done
}

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

farm_start() {
	[ -n "${FARM_PORT:-}" ] || FARM_PORT=$(free_port)
	scanfarm up --data "$T/farm" --http "127.0.0.1:$FARM_PORT" --workers "${1:-2}" >>"$T/up.log" 2>&1 &
	UP=$!
	wait_for 90 test -f "$T/farm/ready" || fail "the farm is not ready after 90 s"
	export SCANFARM_URL=http://127.0.0.1:$FARM_PORT SCANFARM_TOKEN_FILE="$T/farm/admin.token"
}

farm_stop() {
	kill -TERM "$UP"
	wait "$UP" || fail "scanfarm up ended with status $?"
	UP=
}

sql() {
	psql -XAtq -v ON_ERROR_STOP=1 -d "$(cat "$T/farm/database")" -c "$1"
}

wait_sql() {
	_left=$(($1 * 5))
	while :; do
		_got=$(sql "$2" 2>&1)
		[ "$_got" = "$3" ] && return 0
		_left=$((_left - 1))
		[ $_left -gt 0 ] || fail "after $1 s: $2
want: $3
got:  $_got"
		sleep 0.2
	done
}

fake_registry_start() {
	python3 "$TOP/tests/lib/fake_registry.py" "$T/fake.port" "$T/fake.log" &
	FAKE_PID=$!
	wait_for 60 test -f "$T/fake.port" || fail "the fake registry did not start"
	FAKE=127.0.0.1:$(cat "$T/fake.port")
}

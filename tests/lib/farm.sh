# farm.sh: a whole farm for end-to-end tests.  Sourced, not run.
#   farm_start [WORKERS]      scanfarm up in a directory of its own, with FARM_DATABASE
#                             if that is set
#   farm_stop                 SIGTERM, and it must end with status 0
#   farm_pids NAME            the farm's processes of that program
#   farm_registry NAME HOST:PORT    registry add; sets WEBHOOK and SECRET
#   farm_dump                 what the farm found, without times and the order of things
#   gate_start HOST:PORT      tests/lib/gate.py before a registry, GATE=127.0.0.1:PORT
#   gate_hold HEX, gate_held SECONDS HEX, gate_release HEX    half a blob, no more
#   fake_registry_start       tests/lib/fake_registry.py, FAKE=127.0.0.1:PORT
#   sql STATEMENT             one statement against the farm's database, -At
#   wait_sql SECONDS STATEMENT WANT    until it prints WANT, else fail
#   fail TEXT                 say why, show the farm's log, exit 1
# With KEEP_LOG=FILE the farm's log is kept there.
# Everything lives below $T, which is removed at exit with its processes.
set -u
TOP=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=${BUILD:-$TOP/build}
PATH=$BUILD:$PATH
T=$(mktemp -d "${TMPDIR:-/tmp}/sf-e2e.XXXXXX") || exit 1
chmod 755 "$T"
UP= FAKE_PID= GATE_PID=

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
	[ -n "$GATE_PID" ] && kill "$GATE_PID" 2>/dev/null
	[ -n "$FAKE_PID" ] && kill "$FAKE_PID" 2>/dev/null
	command -v stop_registry >/dev/null && stop_registry 2>/dev/null
	[ -z "${KEEP_LOG:-}" ] || cp "$T/up.log" "$KEEP_LOG"
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
	python3 "$TOP/tests/lib/free_port.py"
}

farm_start() {
	[ -n "${FARM_PORT:-}" ] || FARM_PORT=$(free_port)
	scanfarm up --data "$T/farm" --http "127.0.0.1:$FARM_PORT" --workers "${1:-2}" ${FARM_DATABASE:+--database "$FARM_DATABASE"} \
	    >>"$T/up.log" 2>&1 &
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

# The first 15 characters are all that the kernel keeps of a name.
farm_pids() {
	pgrep -P "$UP" -x "$(printf %.15s "$1")"
}

farm_registry() {
	scanfarm registry add "$1" --url "http://$2" --insecure --poll 0 >"$T/add.out" 2>&1 ||
		fail "registry add: $(cat "$T/add.out")"
	WEBHOOK=$(awk '$1 == "webhook" { print $2 }' "$T/add.out")
	SECRET=$(sed -n 's/.*Authorization: \[Bearer \([0-9a-f]*\)\].*/\1/p' "$T/add.out")
	[ -n "$WEBHOOK" ] && [ -n "$SECRET" ] || fail "registry add names no webhook: $(cat "$T/add.out")"
}

# Everything people see in the dashboards, of two farms that did the same the same.
farm_dump() {
	sql "SELECT 'image', reference, digest, platform, kind, state, reason, verdict, reasons, distribution, incomplete, layers,
	    packages, critical, high, medium, low, negligible, unknown, fixable FROM dashboard.image ORDER BY 2, 3;
	SELECT 'finding', reference, digest, vulnerability, severity, status, namespace, type, package, version, arch, source_name,
	    fixed_version, advisory, feed, layer, layer_digest FROM dashboard.finding ORDER BY 2, 3, 4, 9, 10, 17;
	SELECT 'verdict', reference, digest, scope, verdict, reasons FROM dashboard.verdict ORDER BY 2, 3;
	SELECT 'change', reference, digest, scope, old, new, cause, because FROM dashboard.verdict_change ORDER BY 2, 3, 5, 6;
	SELECT 'package', namespace, type, name, version, arch, source_name, source_version, origin FROM package ORDER BY 2, 3, 4, 5;
	SELECT 'layer', layer, state, reasons, size, tar_size, analyses, images, repositories FROM dashboard.layer ORDER BY 2;
	SELECT 'coverage', namespace, type, packages, images, feeds FROM dashboard.coverage ORDER BY 2, 3;
	SELECT 'repository', repository, images, failed, unknown_verdicts, passed, critical, high, medium, low
	  FROM dashboard.repository ORDER BY 2;
	SELECT 'unresolved', reference, reason FROM dashboard.unresolved ORDER BY 2;
	SELECT 'open', kind, waiting FROM dashboard.queue WHERE waiting > 0 ORDER BY 2" || fail "the views cannot be read"
}

gate_start() {
	rm -rf "$T/gate"
	mkdir "$T/gate"
	python3 "$TOP/tests/lib/gate.py" "$1" "$T/gate" &
	GATE_PID=$!
	wait_for 60 test -f "$T/gate/gate.port" || fail "the gate did not start"
	GATE=127.0.0.1:$(cat "$T/gate/gate.port")
}

gate_stop() {
	kill "$GATE_PID" 2>/dev/null
	wait "$GATE_PID" 2>/dev/null
	GATE_PID=
}

gate_hold() {
	rm -f "$T/gate/held.$1"
	touch "$T/gate/hold.$1"
}

gate_held() {
	wait_for "$1" test -f "$T/gate/held.$2" || fail "nobody asks for blob $2"
}

gate_release() {
	rm -f "$T/gate/hold.$1"
}

fake_registry_start() {
	python3 "$TOP/tests/lib/fake_registry.py" "$T/fake.port" "$T/fake.log" &
	FAKE_PID=$!
	wait_for 60 test -f "$T/fake.port" || fail "the fake registry did not start"
	FAKE=127.0.0.1:$(cat "$T/fake.port")
}

#!/bin/sh
# scanfarm up: refusals that name the cause, kill -9 of each of its processes, a
# kill of the supervisor itself, and clean ends.  Whatever was killed, the farm goes
# on with what it had, and nothing of it is left running.
. "$(dirname "$0")/../lib/farm.sh"

# command_of PID: its arguments in one line, empty when it has gone.
command_of() { { tr '\0' ' ' <"/proc/$1/cmdline"; } 2>/dev/null; }
# farm_pids DIR NAME: the farm's processes of that program; not their children of
# the same name, which are readers and slots.
farm_pids() {
	for _p in $(grep -lsaF -e "$1" /proc/[0-9]*/cmdline); do
		_p=${_p#/proc/} _p=${_p%/cmdline}
		command_of "$_p" | grep -q -e "$2 .*$1[/ ]" || continue
		_pp=$({ sed -n 's/^PPid:[[:space:]]*//p' "/proc/$_p/status"; } 2>/dev/null)
		command_of "${_pp:-0}" | grep -q -e "$2 .*$1[/ ]" || echo "$_p"
	done
}
farm_is_gone() { [ -z "$(farm_pids "$1" '[a-z]')" ]; }
# refused STATUS PATTERN ARGUMENTS...: up must end by itself, and say why.
refused() {
	_status=$1 _pattern=$2
	shift 2
	timeout 60 scanfarm up "$@" >"$T/refused" 2>&1
	_rc=$?
	[ $_rc -eq "$_status" ] || fail "up $*: status $_rc, not $_status: $(cat "$T/refused")"
	grep -Eq -e "$_pattern" "$T/refused" || fail "up $*: no line has /$_pattern/: $(cat "$T/refused")"
}
works() { # WHAT REPOSITORY: the farm reads an image anew
	_n=60 rc=0
	while :; do
		rc=0
		timeout 120 scanfarm scan "$FAKE/$2:1" >"$T/scan" 2>&1 || rc=$?
		# a try that was under way when something was killed may be lost: 3, try again
		[ $rc -eq 3 ] || break
		_n=$((_n - 1)); [ $_n -gt 0 ] || break
		sleep 1
	done
	# without advisories: unknown
	[ $rc -eq 4 ] || fail "$1: a scan ends with $rc: $(cat "$T/scan")"
	grep -q ' 2 packages' "$T/scan" || fail "$1: the scan finds nothing: $(cat "$T/scan")"
	echo "$1: goes on"
}

fake_registry_start
farm_start 2
DATA=$(realpath "$T/farm")

echo "-- who runs it"
for p in $(farm_pids "$DATA" 'scanfarm-coordinator') $(farm_pids "$DATA" 'scanfarm-worker') $(farm_pids "$DATA" 'postgres') $UP; do
	uid=$(awk '$1 == "Uid:" { print $2 + $3 + $4 + $5 }' "/proc/$p/status")
	[ "$uid" -ne 0 ] || fail "pid $p runs as root: $(command_of "$p")"
done
[ "$(stat -c %a "$DATA")" = 700 ] || fail "the data directory is open to others"
[ "$(sql "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")" = f ] || fail "the farm's role is a superuser"

echo "-- refusals"
refused 2 'a farm runs there already' --data "$T/farm"
refused 2 "cannot listen on 127.0.0.1:$FARM_PORT: .*--http" --data "$T/other" --http "127.0.0.1:$FARM_PORT"
refused 2 'ports below 1024' --data "$T/other" --http 127.0.0.1:443
refused 2 'no IPv4 address of this machine' --data "$T/other" --http 192.0.2.1:8080
refused 2 'wants ADDR:PORT' --data "$T/other" --http nonsense
refused 2 'wants a number' --data "$T/other" --workers many
refused 2 'Not a directory.*--data' --data /dev/null/farm
refused 2 'usage:' --frob
cp "$T/farm/farm.conf" "$T/farm.conf"
timeout 60 scanfarm-coordinator --data "$T/farm" --http "127.0.0.1:$(free_port)" >"$T/refused" 2>&1 &&
	fail "a second coordinator serves with the same directory"
grep -q 'another coordinator' "$T/refused" || fail "a second coordinator: $(cat "$T/refused")"
cmp "$T/farm.conf" "$T/farm/farm.conf" && [ -f "$T/farm/ready" ] || fail "a second coordinator took the first one's files"
mkdir "$T/theirs" && touch "$T/theirs/file"
if [ "$(id -u)" = 0 ]; then
	refused 2 'belongs to root.*not empty' --data "$T/theirs"
	[ "$(stat -c %u "$T/theirs")" = 0 ] || fail "up took a directory that was not its own"
else
	chmod 555 "$T/theirs"
	refused 2 'Permission denied' --data "$T/theirs"
	chmod 755 "$T/theirs"
fi
rm -rf "$T/other"

echo "-- kill -9 of the parts"
scanfarm registry add fake --url "http://$FAKE" --insecure --poll 0 >"$T/add.out" 2>&1 || fail "registry add: $(cat "$T/add.out")"
works "start" good
first=$(sql "SELECT count(*) FROM package")
[ "$first" -gt 0 ] || fail "no packages"
# a process of that program other than the one killed
another() { _new=$(farm_pids "$DATA" "$1" | head -n 1); [ -n "$_new" ] && ! farm_pids "$DATA" "$1" | grep -qx "$2"; }
for part in scanfarm-worker scanfarm-coordinator postgres; do
	pid=$(farm_pids "$DATA" $part | head -n 1)
	[ -n "$pid" ] || fail "there is no $part"
	kill -9 "$pid"
	wait_for 60 another $part "$pid" || fail "$part did not come back"
	wait_for 60 sql "SELECT 1" >/dev/null 2>&1 || fail "$part: the database does not answer"
	case $part in scanfarm-worker) works $part limited ;; scanfarm-coordinator) works $part broken ;; *) works $part whiteout ;; esac
done
[ "$(sql "SELECT count(*) FROM package")" -ge "$first" ] || fail "packages are gone"

echo "-- kill -9 of the supervisor, and up again at once"
kill -9 "$UP"
wait "$UP" 2>/dev/null
rm -f "$T/farm/ready"; farm_start 1
[ "$(sql "SELECT count(*) FROM registry WHERE name = 'fake'")" = 1 ] || fail "the registry is gone"
[ "$(sql "SELECT analyses FROM layer l JOIN image_layer il ON il.layer_id = l.id JOIN image i ON i.id = il.image_id
	JOIN tag_history t ON t.image_id = i.id JOIN repository r ON r.id = t.repository_id WHERE r.name = 'good'")" = 1 ] || fail "a layer was read again"
works "supervisor" good

echo "-- a postmaster.pid whose number is another's by now"
kill -9 "$(farm_pids "$DATA" postgres | head -n 1)" "$UP"
wait "$UP" 2>/dev/null
wait_for 60 farm_is_gone "$DATA" || fail "left running: $(farm_pids "$DATA" '[a-z]')"
owner=$(stat -c %u "$DATA")
if [ "$(id -u)" = 0 ]; then
	setpriv --reuid="$owner" --regid="$owner" --clear-groups sleep 600 &
else
	sleep 600 &
fi
innocent=$!
sed -i "1s/.*/$innocent/" "$DATA/pg/postmaster.pid"
chown "$owner" "$DATA/pg/postmaster.pid"
rm -f "$T/farm/ready"; farm_start 1
kill -0 $innocent || fail "up ended a process that is not its own"
kill $innocent
wait $innocent 2>/dev/null
works "stale pid" good

echo "-- clean ends"
farm_stop
farm_is_gone "$DATA" || fail "left running: $(farm_pids "$DATA" '[a-z]')"
[ ! -e "$DATA/ready" ] || fail "a farm that has ended says that it is ready"
# shells start background jobs deaf to SIGINT
env --default-signal=INT scanfarm up --data "$T/farm" --http "127.0.0.1:$FARM_PORT" --workers 1 >>"$T/up.log" 2>&1 &
UP=$!
wait_for 60 test -f "$T/farm/ready" || fail "the farm is not ready"
kill -INT $UP
wait $UP || fail "SIGINT: scanfarm up ended with status $?"
farm_is_gone "$DATA" || fail "left running: $(farm_pids "$DATA" '[a-z]')"
# asked to stop before it is ready
env --default-signal=INT scanfarm up --data "$T/early" --http "127.0.0.1:$FARM_PORT" --workers 1 >>"$T/up.log" 2>&1 &
UP=$!
wait_for 20 test -f "$T/early/lock" || fail "no lock"
kill -INT $UP
wait $UP || fail "an early SIGINT: scanfarm up ended with status $?"
UP=
farm_is_gone "$T/early" || fail "left running: $(farm_pids "$T/early" '[a-z]')"
! grep -q 'initdb' "$T/up.log" || fail "initdb's words are in the log"
grep -q '^scanfarm: the database server ended (signal 9), starting it again' "$T/up.log" || fail "the log does not say what died"

echo "-- workers that join from elsewhere"
FANOUT=127.0.0.1:$(free_port)
scanfarm up --data "$T/farm" --http "127.0.0.1:$FARM_PORT" --fanout "$FANOUT" --workers 0 >>"$T/up.log" 2>&1 &
UP=$!
wait_for 60 test -f "$T/farm/ready" || fail "the farm is not ready"
# rows of the workers before fade after some seconds
no_worker() { scanfarm status >"$T/status" 2>&1; [ $? -eq 3 ]; }
wait_for 60 no_worker && grep -q 'no worker' "$T/status" || fail "without a worker status says: $(cat "$T/status")"
mkdir "$T/keys"
cp "$DATA/curve/coordinator.public" "$DATA/curve/worker.public" "$DATA/curve/worker.secret" "$T/keys"
scanfarm-worker --coordinator "tcp://$FANOUT" --keys "$T/keys" --name elsewhere --slots 1 >>"$T/up.log" 2>&1 &
WORKER=$!
seen() { scanfarm status 2>/dev/null | grep -q '^elsewhere '; }
wait_for 30 seen || fail "status does not name the worker"
works "elsewhere" wrong-size
kill $WORKER
wait $WORKER || fail "the worker ends with status $?"
farm_stop

echo "-- a PostgreSQL of one's own"
. "$TOP/tests/lib/postgres.sh"
stop_both() { postgres_stop; cleanup; }
trap stop_both EXIT
postgres_start "$T/pg" || fail "no PostgreSQL"
createuser -h "$T/pg/run" -U postgres farm && createdb -h "$T/pg/run" -U postgres -O farm farm || fail "createdb"
# the socket lies where only the server's user may go; a farm of root's is that user
scanfarm up --data "$T/second" --http "127.0.0.1:$FARM_PORT" --workers 1 \
    --database "postgresql://farm:not-for-ps@/farm?host=$T/pg/run" >>"$T/up.log" 2>&1 &
UP=$!
wait_for 60 test -f "$T/second/ready" || fail "the farm with --database is not ready"
for p in $(grep -lsaF -e not-for-ps /proc/[0-9]*/cmdline); do
	p=${p#/proc/}
	! command_of "${p%/cmdline}" | grep -q '^[^ ]*scanfarm' || fail "ps shows the database's password"
done
[ -z "$(farm_pids "$T/second" postgres)" ] || fail "--database started a server"
[ "$(stat -c %a "$T/second/database")" = 600 ] || fail "the connection string is open to others"
SCANFARM_TOKEN_FILE=$T/second/admin.token scanfarm status >"$T/status" 2>&1 ||
	wait_for 30 sh -c "SCANFARM_TOKEN_FILE=$T/second/admin.token scanfarm status" >"$T/status" 2>&1 || fail "status: $(cat "$T/status")"
farm_stop
! grep -q not-for-ps "$T/up.log" || fail "the log has the database's password"

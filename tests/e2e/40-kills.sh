#!/bin/sh
# kill -9 of a worker in mid-layer, of the coordinator in mid-layer and in the
# middle of storing a result, of a PostgreSQL backend in the same place and of the
# postmaster, while webhooks keep coming.  Afterwards every job has ended exactly
# once, every accepted event has been worked in, and the dashboards show what they
# show of a farm that nobody disturbed.
. "$(dirname "$0")/../lib/farm.sh"
. "$TOP/tests/lib/registry.sh"
EVENTS=60	# of each burst

# ---------------------------------------------------------------- what is pushed
L=$T/layout
IMAGES="quiet worker coordinator storing backend postmaster"
mkdir -p "$T/root/etc" "$T/root/var/lib/dpkg"
printf 'ID=debian\nVERSION_ID="12"\n' >"$T/root/etc/os-release"
for i in 1 2 3 4 5 6 7 8 9; do
	printf 'Package: lib%s\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.%s-1\n\n' $i $i
done >"$T/root/var/lib/dpkg/status"
umoci init --layout "$L" && umoci new --image "$L:base" &&
    umoci insert --rootless --image "$L:base" "$T/root" / >/dev/null || fail "no base image"
for i in $IMAGES; do
	d=$T/app/usr/lib/python3/dist-packages
	rm -rf "$T/app"
	mkdir -p "$d/thing_$i-1.0.dist-info"
	head -c 400000 /dev/urandom >"$d/aaa.bin"
	printf 'Metadata-Version: 2.1\nName: thing-%s\nVersion: 1.0\n' $i >"$d/thing_$i-1.0.dist-info/METADATA"
	umoci tag --image "$L:base" $i && umoci insert --rootless --image "$L:$i" "$T/app" / >/dev/null ||
		fail "no image $i"
done
manifest_of() {
	jq -r --arg t "$1" '.manifests[] | select(.annotations["org.opencontainers.image.ref.name"] == $t).digest' "$L/index.json"
}
# The layer on top of an image, as hex.
top_of() {
	jq -r '.layers[-1].digest' "$L/blobs/sha256/$(manifest_of "$1" | cut -d: -f2)" | cut -d: -f2
}

advisory() {	# ID ECOSYSTEM PACKAGE FIXED
	printf '{"id":"%s","modified":"2026-01-01T00:00:00Z","summary":"a test","aliases":["CVE-2026-%s"],
 "severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],"affected":[{"package":
 {"ecosystem":"%s","name":"%s"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"%s"}]}]}]}' \
	    "$1" "${1#T-}" "$2" "$3" "$4" >"$1.json"
}
mkdir -p "$T/feed/Debian" "$T/feed/PyPI"
(
	cd "$T/feed/Debian" || exit 1
	advisory T-1001 Debian:12 lib1 2.0-1
	advisory T-1002 Debian:12 lib2 1.0-1
	zip -q all.zip ./*.json && rm ./*.json
	cd "$T/feed/PyPI" || exit 1
	n=2000
	for i in worker storing postmaster; do
		n=$((n + 1))
		advisory T-$n PyPI thing-$i 1.1
	done
	zip -q all.zip ./*.json && rm ./*.json
) || fail "no feed"

# ------------------------------------------------------------------------- a farm
begin() {
	REGISTRY_PORT=$(free_port)
	gate_start "127.0.0.1:$REGISTRY_PORT"
	rm -rf "$T/farm"
	farm_start 2
	scanfarm feed import "$T/feed" >"$T/import.out" 2>&1 || fail "feed import: $(cat "$T/import.out")"
	farm_registry reg "$GATE"
	start_registry anonymous "$WEBHOOK" "$SECRET" || fail "the registry did not start"
	push quiet
	applied quiet
}

push() {
	registry_push "$L:$1" "app/$1:1" || fail "push of $1"
}

applied() {
	wait_sql 90 "SELECT count(*) FROM dashboard.image WHERE repository = 'app/$1' AND tag = '1' AND state = 'applied'
	  AND verdict IS NOT NULL" 1
}

# A burst of events, half of which are accepted when this returns.
burst() {
	rm -f "$T/go" "$T/go.half"
	python3 "$TOP/tests/lib/senders.py" "$WEBHOOK" "$SECRET" app/quiet "$(manifest_of quiet)" "$1" $EVENTS "$T/go" \
	    >"$T/senders.$1" 2>&1 &
	SENDERS=$!
	wait_for 60 test -f "$T/go.half" || fail "the senders got no further: $(cat "$T/senders.$1")"
}

# The other half is accepted, and nothing that was accepted is lost.
burst_ends() {
	wait "$SENDERS" || fail "the senders: $(cat "$T/senders.$1")"
	echo "$1: $(cat "$T/senders.$1")"
	wait_sql 60 "SELECT count(*) FROM dashboard.image WHERE repository = 'app/quiet' AND tag LIKE '$1-%'" $EVENTS
}

end() {
	wait_sql 90 "SELECT coalesce(string_agg(kind || ' ' || waiting, ', '), '') FROM dashboard.queue WHERE waiting > 0" ""
	# the counts of repositories may lag
	wait_sql 30 "SELECT sum(images) FROM dashboard.repository" 6
	farm_dump >"$T/dump.$1"
	sql "SELECT target, attempt, outcome, reason FROM attempt ORDER BY at" >"$T/attempts.$1"
	farm_stop
	gate_stop
	stop_registry
}

# ------------------------------------------------------------- nobody disturbs it
echo "-- undisturbed"
begin
for i in worker coordinator storing backend postmaster; do
	burst $i
	touch "$T/go"
	push $i
	burst_ends $i
	applied $i
done
end undisturbed
grep -q "^finding.*thing-worker" "$T/dump.undisturbed" && grep -q "^verdict.*app/quiet:worker-$EVENTS.*fail" "$T/dump.undisturbed" ||
	fail "the undisturbed farm found nothing: $(cat "$T/dump.undisturbed")"
[ ! -s "$T/attempts.undisturbed" ] || fail "the undisturbed farm had failures: $(cat "$T/attempts.undisturbed")"

# -------------------------------------------------------------------------- kills
begin
# push_and_hold IMAGE: half of its top layer is at a worker, and events keep coming.
push_and_hold() {
	echo "-- $1"
	TOP_LAYER=$(top_of $1)
	gate_hold $TOP_LAYER
	burst $1
	push $1
	gate_held 60 $TOP_LAYER
	[ "$(sql "SELECT count(*) FROM job WHERE kind = 'layer' AND attempt > 0")" = 1 ] || fail "$1: its layer is not under way"
}

# recovered IMAGE GETS: it ends well, and its top layer was asked for so often.
recovered() {
	gate_release $TOP_LAYER
	applied $1
	burst_ends $1
	[ "$(sql "SELECT analyses FROM layer WHERE digest = '\\x$TOP_LAYER'")" = 1 ] || fail "$1: its layer counts more than once"
	_gets=$(grep -c "$TOP_LAYER" "$T/gate/gate.log")
	[ "$_gets" = "$2" ] || fail "$1: $_gets requests for its layer, not $2: $(grep "$TOP_LAYER" "$T/gate/gate.log")"
}

push_and_hold worker
# whose it is the farm says; /proc shows a slot's connections to almost nobody
wait_sql 60 "SELECT count(*) FROM worker WHERE in_flight > 0" 1
name=$(sql "SELECT name FROM worker WHERE in_flight > 0")
worker=$(pgrep -P "$UP" -f -- "--name $name\$")
farm_pids scanfarm-worker | grep -qx "$worker" || fail "pid $worker ($name) is none of the farm's workers"
touch "$T/go"
kill -9 "$worker"
wait_for 10 grep -q "cut $TOP_LAYER" "$T/gate/gate.log" || fail "the worker's request goes on"
recovered worker 2
[ "$(sql "SELECT count(*) FROM attempt WHERE reason = 'the worker was lost'")" = 1 ] || fail "nobody noticed that the worker was lost"

push_and_hold coordinator
coordinator=$(farm_pids scanfarm-coordinator)
touch "$T/go"
kill -9 "$coordinator"
# the new one does not know the job: the worker stops it in mid-layer
wait_for 60 grep -q "cut $TOP_LAYER" "$T/gate/gate.log" || fail "the lost job's request goes on"
recovered coordinator 2

# hold_store: the result is at the coordinator, whose transaction cannot go on.
hold_store() {
	psql -XAtq -d "$(cat "$T/farm/database")" -c "BEGIN; LOCK TABLE inventory IN EXCLUSIVE MODE; SELECT pg_sleep(100)" \
	    >/dev/null 2>&1 &
	LOCKER=$!
	wait_sql 20 "SELECT count(*) FROM pg_locks WHERE relation = 'inventory'::regclass AND mode = 'ExclusiveLock' AND granted" 1
	gate_release $TOP_LAYER
	wait_sql 60 "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'scanfarm store' AND wait_event_type = 'Lock'" 1
}

push_and_hold storing
hold_store
coordinator=$(farm_pids scanfarm-coordinator)
touch "$T/go"
kill -9 "$coordinator"
kill "$LOCKER"	# with its backend
sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(100)%' AND pid <> pg_backend_pid()" >/dev/null
wait "$LOCKER" 2>/dev/null
recovered storing 2

push_and_hold backend
hold_store
backend=$(sql "SELECT pid FROM pg_stat_activity WHERE application_name = 'scanfarm store'")
touch "$T/go"
kill -9 "$backend"	# the server ends all others, the locker's too, and recovers
wait "$LOCKER" 2>/dev/null
recovered backend 2

push_and_hold postmaster
postmaster=$(head -n 1 "$T/farm/pg/postmaster.pid")
touch "$T/go"
kill -9 "$postmaster"
wait_for 60 sql "SELECT 1" >/dev/null 2>&1 || fail "the database does not come back"
[ "$(head -n 1 "$T/farm/pg/postmaster.pid")" != "$postmaster" ] || fail "the postmaster is the same"
applied_before=$(grep -c "$TOP_LAYER" "$T/gate/gate.log")
gate_release $TOP_LAYER
applied postmaster
burst_ends postmaster
[ "$(sql "SELECT analyses FROM layer WHERE digest = '\\x$TOP_LAYER'")" = 1 ] || fail "postmaster: its layer counts more than once"

end disturbed
cat "$T/attempts.disturbed"
diff "$T/dump.undisturbed" "$T/dump.disturbed" >"$T/diff" || fail "the farms differ:
$(head -n 60 "$T/diff")"
grep -q "unanswered [1-9]" "$T"/senders.* || fail "no burst met a coordinator that was away"
grep -q "refused [1-9]" "$T"/senders.* || fail "no burst met a database that was away"

#!/bin/sh
# Webhooks as they come in life: from strangers, too large, broken, twice, in part
# twice, out of order, and while the database is away, hangs, or is slow.  What was
# accepted is worked in once; what was not is told so, and may come again.
. "$(dirname "$0")/../lib/farm.sh"
. "$TOP/tests/lib/registry.sh"
. "$TOP/tests/lib/postgres.sh"
trap 'postgres_stop; cleanup' EXIT
ulimit -n 8192 2>/dev/null || ulimit -n "$(ulimit -H -n)"

postgres_start "$T/pg" || fail "no database"
FARM_DATABASE=$PG_CONNINFO
start_registry anonymous || fail "the registry did not start"
farm_start 1
farm_registry reg "$REGISTRY"

# post FILE [SECRET [URL]]: send it as the registry would; prints the status.
post() {
	curl -s -m 60 -o "$T/answer" -D "$T/head" -w '%{http_code}' -H "Authorization: Bearer ${2-$SECRET}" \
	    -H 'Content-Type: application/vnd.docker.distribution.events.v1+json' --data-binary "@$1" "${3:-$WEBHOOK}"
}
# want STATUS WHAT FILE [SECRET [URL]]: post it, and get that status.
want() {
	_status=$1 _what=$2
	shift 2
	_got=$(post "$@")
	[ "$_got" = "$_status" ] || fail "$_what: status $_got, not $_status: $(cat "$T/answer")"
	echo "$_what: $_status"
}
# send STATUS WHAT EVENT...: a batch of events.
send() {
	_status=$1 _what=$2
	shift 2
	batch "$@" >"$T/body"
	want "$_status" "$_what" "$T/body"
}
stored() {
	sql "SELECT count(*) FROM inbox WHERE source = 'distribution'"
}
read_in() {	# until everything that came is worked in
	wait_sql 30 "SELECT count(*) FROM inbox WHERE processed_at IS NULL" 0
	wait_sql 60 "SELECT count(*) FROM job" 0
}
# event ID ACTION REPOSITORY TAG DIGEST
event() {
	jq -nc --arg id "$1" --arg action "$2" --arg repository "$3" --arg tag "$4" --arg digest "$5" \
	    '{id: $id, timestamp: "2026-01-01T00:00:00Z", action: $action, target: ({mediaType:
	     "application/vnd.oci.image.manifest.v1+json", repository: $repository}
	     + (if $tag != "" then {tag: $tag} else {} end) + (if $digest != "" then {digest: $digest} else {} end))}'
}
batch() {	# EVENT...
	printf '%s\n' "$@" | jq -sc '{events: .}'
}

echo "-- strangers"
batch "$(event s1 push app/x 1 "sha256:$(printf '1%.0s' $(seq 64))")" >"$T/good"
want 401 "a wrong secret" "$T/good" wrong
want 401 "an empty secret" "$T/good" ""
want 404 "an unknown address" "$T/good" "$SECRET" "${WEBHOOK}x"
head -c 3000000 /dev/zero | tr '\0' ' ' >"$T/huge"
want 401 "a stranger with much to say" "$T/huge" wrong
[ "$(stored)" = 0 ] || fail "a stranger's webhook is stored"

echo "-- sizes"
want 413 "a body above 1 MiB" "$T/huge"
[ "$(stored)" = 0 ] || fail "what was refused is stored"
{ batch; head -c 1048000 /dev/zero | tr '\0' ' '; } | sed 's/}$//;$s/$/}/' >"$T/most"
[ "$(wc -c <"$T/most")" -gt 1048000 ] && [ "$(wc -c <"$T/most")" -le 1048576 ] || fail "the test's own body: $(wc -c <"$T/most")"
want 202 "a body just below it" "$T/most"

echo "-- broken"
printf 'nonsense' >"$T/body"
want 400 "no JSON object at all" "$T/body"
[ "$(stored)" = 1 ] || fail "nonsense is stored"
# A sender would repeat for ever what is not accepted; the reason is kept instead.
printf '{"events":[' >"$T/body"
want 202 "JSON that is cut" "$T/body"
{ printf '{"events":'; head -c 100000 /dev/zero | tr '\0' '['; } >"$T/body"
want 202 "JSON nested 100,000 deep" "$T/body"
printf '{"events":{"id":1}}' >"$T/body"
want 202 "an object where a list should be" "$T/body"
printf '{"events":[1,null,"x",{"target":5,"action":[]},{"action":"push","target":{"repository":"../x","digest":"y"}}]}' \
    >"$T/body"
want 202 "events that are none" "$T/body"
read_in
sql "SELECT bytes, reason FROM dashboard.event_refused ORDER BY event"
[ "$(sql "SELECT count(*) FROM dashboard.event_refused WHERE registry = 'reg' AND reason <> ''")" = 3 ] ||
	fail "not the three broken ones are refused with a reason"
scanfarm status --format tsv | grep -q "^events_refused	3$" || fail "status does not count them: $(scanfarm status)"
[ "$(sql "SELECT count(*) FROM image")" = 0 ] || fail "an image came out of broken events"

echo "-- once, and once more"
for i in 1 2 3; do
	registry_image "$T/image$i" && registry_push "$T/image$i:1" app/x:$i || fail "push $i"
	eval "D$i=$(jq -r '.manifests[0].digest' "$T/image$i/index.json")"
done
by_tag() {	# how often we asked the registry where this tag points
	grep -c "\"GET /v2/app/x/manifests/$1 HTTP.*scanfarm" "$REGISTRY_LOG"
}
tag_is() {	# TAG DIGEST
	wait_sql 60 "SELECT digest || ' ' || state FROM dashboard.image WHERE repository = 'app/x' AND tag = '$1'" "$2 applied"
}
batch "$(event a push app/x 1 "$D1")" >"$T/a"
n=$(stored)
want 202 "an event" "$T/a"
want 202 "the same again" "$T/a"
read_in
[ "$(stored)" = $((n + 1)) ] || fail "a repeated body is stored twice"
tag_is 1 "$D1"
# Part of a batch came before: its new event is worked in, the old one is not.
send 202 "a batch of an old event and a new one" "$(event a push app/x 1 "$D2")" "$(event b push app/x 2 "$D2")"
read_in
tag_is 2 "$D2"
tag_is 1 "$D1"
[ "$(by_tag 1)" = 0 ] || fail "a repeated event made us ask the registry again"
[ "$(sql "SELECT count(*) FROM inbox_event")" = 2 ] || fail "events: $(sql "SELECT count(*) FROM inbox_event")"

echo "-- out of order"
registry_push "$T/image1:1" app/x:t && registry_push "$T/image2:1" app/x:t || fail "push"
send 202 "the newer push" "$(event new push app/x t "$D2")"
read_in
tag_is t "$D2"
send 202 "the older push, late" "$(event old push app/x t "$D1")"
read_in
tag_is t "$D2"
[ "$(by_tag t)" = 1 ] || fail "the registry was asked $(by_tag t) times where the tag points"
# and in order: the tag moves, also back to where it was
registry_push "$T/image1:1" app/x:t || fail "push"
send 202 "a push of what was there before" "$(event back push app/x t "$D1")"
read_in
tag_is t "$D1"
[ "$(sql "SELECT count(*) FROM tag_history WHERE tag = 't'")" = 2 ] || fail "history: $(sql "SELECT * FROM tag_history")"
# a deletion that comes late, and one that is true
send 202 "a deletion from before that push" "$(event del delete app/x t "")"
read_in
tag_is t "$D1"
send 202 "a deletion before its push" "$(event del3 delete app/x "" "$D3")" "$(event three push app/x 3 "$D3")"
read_in
tag_is 3 "$D3"
curl -sSf -o /dev/null -X DELETE "http://$REGISTRY/v2/app/x/manifests/$D3" || fail "delete"
send 202 "a true deletion" "$(event gone delete app/x "" "$D3")"
read_in
[ "$(sql "SELECT count(*) FROM dashboard.image WHERE tag = '3'")" = 0 ] || fail "tag 3 is still there"

echo "-- a tag that nobody tells"
( start_registry basic && registry_push "$T/image1:1" app/y:1 && echo "$REGISTRY" >"$T/basic" && echo "$_reg_pids" >"$T/basic.pids" )
_reg_pids="$_reg_pids $(cat "$T/basic.pids")"
scanfarm registry add locked --url "http://$(cat "$T/basic")" --insecure --poll 0 >/dev/null 2>&1 || fail "registry add"
scanfarm scan locked/app/y:1 >"$T/scan.out" 2>&1
[ $? = 3 ] && grep -q 'username and password' "$T/scan.out" || fail "scan: $(cat "$T/scan.out")"
scanfarm report locked/app/y:1 >"$T/report.out" 2>&1
[ $? = 4 ] && grep -q "unknown" "$T/report.out" && grep -q "because.*username and password" "$T/report.out" || fail "report: $(cat "$T/report.out")"
scanfarm status --format tsv | grep -q "^tags_unresolved	1$" || fail "status: $(scanfarm status)"
[ "$(sql "SELECT verdict || ' ' || (reasons[1] LIKE '%username and password%') FROM dashboard.verdict WHERE reference = 'locked/app/y:1'")" = "unknown true" ] ||
	fail "verdict: $(sql "SELECT * FROM dashboard.verdict")"

echo "-- a secret that cannot be kept"
mv "$T/farm/webhook" "$T/farm/webhook.there" && : >"$T/farm/webhook" || fail "the test's own folder"
! scanfarm registry add lost --url http://127.0.0.1:1 --insecure --poll 0 >"$T/add.out" 2>&1 || fail "a registry whose secret is lost: $(cat "$T/add.out")"
[ "$(sql "SELECT count(*) FROM registry WHERE name = 'lost'")" = 0 ] || fail "it is there all the same"
rm "$T/farm/webhook" && mv "$T/farm/webhook.there" "$T/farm/webhook"
scanfarm registry add lost --url http://127.0.0.1:1 --insecure --poll 0 >"$T/add.out" 2>&1 || fail "it cannot be added again: $(cat "$T/add.out")"

echo "-- bodies that fill the memory for them"
python3 - "$WEBHOOK" "$SECRET" "$SCANFARM_URL" "$(cat "$SCANFARM_TOKEN_FILE")" >"$T/full" <<'P' || fail "bodies: $(cat "$T/full")"
import socket, sys
from urllib.parse import urlsplit
hook, farm = urlsplit(sys.argv[1]), urlsplit(sys.argv[3])
def begin(path, secret, length, body):
    s = socket.create_connection((farm.hostname, farm.port))
    s.sendall(("POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
               % (path, secret, length)).encode() + body)
    return s
def policy():
    body = b'{"only_fixed": true}'
    s = begin("/api/v1/policy", sys.argv[4], len(body), body)
    status = s.makefile("rb").readline().split()[1].decode()
    s.close()
    return status
def until(want):	# what was sent, or hung up, is seen a moment later
    for _ in range(100):
        if policy() == want:
            return
    sys.exit("not " + want)
held = [begin(hook.path, sys.argv[2], 1048576, b" " * 1048575) for _ in range(130)]
until("503")
for s in held:
    s.close()
until("200")
P

echo "-- the database is away"
batch "$(event away push app/x away "$D1")" >"$T/away"
postgres_stop
want 503 "no database" "$T/away"
grep -qi '^retry-after: [1-9]' "$T/head" || fail "no Retry-After: $(cat "$T/head")"
want 503 "a stranger, while nobody can tell" "$T/away" wrong
postgres_start "$T/pg" || fail "the database does not come back"
# the sender's patience, which is longer than a second
n=150
until [ "$(post "$T/away")" = 202 ]; do n=$((n - 1)); [ $n -gt 0 ] || fail "not accepted again"; sleep 0.2; done
read_in
tag_is away "$D1"
[ "$(sql "SELECT count(*) FROM tag_history WHERE tag = 'away'")" = 1 ] || fail "counted twice"

echo "-- the database hangs"
batch "$(event hung push app/x hung "$D1")" >"$T/hung"
hangers="$PG_PID $(pgrep -P "$PG_PID")"
kill -STOP $hangers
want 503 "a database that says nothing" "$T/hung"
kill -CONT $hangers
n=150
until [ "$(post "$T/hung")" = 202 ]; do n=$((n - 1)); [ $n -gt 0 ] || fail "not accepted again"; sleep 0.2; done
read_in
tag_is hung "$D1"
[ "$(sql "SELECT count(*) FROM tag_history WHERE tag = 'hung'")" = 1 ] || fail "counted twice"

echo "-- a crowd before a commit that cannot be"
psql -XAtq -d "$PG_CONNINFO" -c "BEGIN; LOCK TABLE inbox IN EXCLUSIVE MODE; SELECT pg_sleep(300)" >/dev/null 2>&1 &
locker=$!
wait_sql 20 "SELECT count(*) FROM pg_locks WHERE relation = 'inbox'::regclass AND mode = 'ExclusiveLock' AND granted" 1
python3 "$TOP/tests/lib/crowd.py" "$WEBHOOK" "$SECRET" 1500 crowd >"$T/crowd" 2>&1 || fail "crowd: $(tail -n 5 "$T/crowd")"
[ "$(grep -c '^503 ' "$T/crowd")" = 1500 ] || fail "not all 1,500 are told to come again: $(cut -d' ' -f1 "$T/crowd" | sort | uniq -c)"
echo "1,500 refused, the last after $(cut -d' ' -f2 "$T/crowd" | sort -n | tail -n 1) s"
kill "$locker"
sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(300)%' AND pid <> pg_backend_pid()" >/dev/null
wait "$locker" 2>/dev/null
n=$(stored)
for try in 1 2 3 4 5 6 7 8 9 10; do
	python3 "$TOP/tests/lib/crowd.py" "$WEBHOOK" "$SECRET" 1500 crowd >"$T/crowd" 2>&1 || fail "crowd: $(tail -n 5 "$T/crowd")"
	! grep -vq '^202 ' "$T/crowd" && break
done
! grep -vq '^202 ' "$T/crowd" || fail "not all are accepted in the end: $(cut -d' ' -f1 "$T/crowd" | sort | uniq -c)"
read_in
[ "$(sql "SELECT count(*) FROM inbox WHERE body LIKE '%crowd-%'")" = 1500 ] || fail "stored: $(sql "SELECT count(*) FROM inbox WHERE body LIKE '%crowd-%'")"
farm_stop

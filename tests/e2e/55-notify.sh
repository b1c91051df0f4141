#!/bin/sh
# Changed verdicts to a receiver: once and signed when all is well, in order and
# none lost when the receiver is away, refuses or hangs and the coordinator is
# killed meanwhile; a dead target blocks nobody; many changes are one digest.  And
# what the verdict was at each of those times.
. "$(dirname "$0")/../lib/farm.sh"
. "$TOP/tests/lib/registry.sh"
cd "$T" || exit 1
HOOK=
trap '[ -n "$HOOK" ] && kill $HOOK 2>/dev/null; cleanup' EXIT

hook_start() {	# PORT
	mkdir -p hook && rm -f hook/port
	python3 "$TOP/tests/lib/hook_receiver.py" "$1" "$T/hook" &
	HOOK=$!
	wait_for 60 test -f hook/port || fail "the receiver did not start"
}
hook_stop() {
	kill $HOOK
	wait $HOOK 2>/dev/null
	HOOK=
}
# told: what was told of app-1 or of all: ID OLD NEW CAUSE BECAUSE IMAGES, in the order of arrival
told() {
	for n in $(seq 1000); do
		[ -f hook/$n.json ] || break
		jq -r '.changes[] | "\(.id) \(.old) \(.new) \(.cause) \(.because) \(.images)"' hook/$n.json || fail "no JSON: $(cat hook/$n.json)"
	done
}
# wait_told COUNT: until so many different changes were told
wait_told() {
	_n=300
	while [ "$(told | sort -u | wc -l)" -lt "$1" ]; do
		_n=$((_n - 1))
		[ $_n -gt 0 ] || fail "not told of $1 changes but: $(told; scanfarm notify list)"
		sleep 0.2
	done
}
advisory() {	# ID NAME FIXED MODIFIED
	printf '{"id":"%s","modified":"2024-01-0%sT00:00:00Z","aliases":["CVE-2024-0001"],"affected":[{"package":{"ecosystem":"Debian:12","name":"%s"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"%s"}]}],"ecosystem_specific":{"urgency":"high"}}]}' \
	    "$1" "$4" "$2" "$3"
}
N=0
feed() {	# FIXED: an import of two advisories
	N=$((N + 1))
	rm -rf osv && mkdir -p osv/Debian
	advisory DSA-1-1 openssl "$1" $N >DSA-1-1.json
	advisory DSA-2-1 nothing 1 1 >DSA-2-1.json
	zip -q osv/Debian/all.zip DSA-1-1.json DSA-2-1.json
	scanfarm feed import osv >out 2>err || fail "import: $(cat err)"
}
# coordinator_dies: kill -9, and its successor serves
coordinator_dies() {
	_old=$(farm_pids scanfarm-coordinator)
	kill -9 "$_old" || fail "no coordinator"
	another() { [ -n "$(farm_pids scanfarm-coordinator)" ] && [ "$(farm_pids scanfarm-coordinator)" != "$_old" ] && curl -fsS -o /dev/null "$SCANFARM_URL/healthz" 2>/dev/null; }
	wait_for 60 another || fail "no other coordinator"
}
mkdir -p root/etc root/var/lib/dpkg
printf 'ID=debian\nVERSION_ID="12"\n' >root/etc/os-release
printf 'Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.0.9-1\n\n' >root/var/lib/dpkg/status
umoci init --layout i.oci && umoci new --image i.oci:1 && umoci insert --rootless --image i.oci:1 root / >/dev/null || fail "no image"
umoci config --image i.oci:1 --tag 2 --author somebody || fail "no second image"
umoci config --image i.oci:1 --tag 3 --author "somebody else" || fail "no third image"
start_registry anonymous || fail "the registry did not start"
registry_push i.oci:1 app-1:1 || fail push

farm_start 1
farm_registry r "$REGISTRY"
feed 3.0.9-1
scanfarm scan r/app-1:1 >out 2>err || fail "not passed: $(cat out err)"
hook_start "$(free_port)"
printf 'whisper\n' >secret && chmod 644 secret
URL=http://127.0.0.1:$(cat hook/port)/a-secret-path

utc() {
	sql "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"
}
# as_of STATUS VERDICT TIME [REF]: what report and the function say of then
as_of() {
	scanfarm report "${4:-r/app-1:1}" --as-of "$3" --format tsv >out 2>err
	_rc=$?
	[ $_rc = "$1" ] && [ "$(sed 1d out | cut -f 5)" = "$2" ] || fail "as of $3: status $_rc, want $1 $2: $(cat out err)"
	[ "$(sql "SELECT verdict FROM dashboard.verdict_as_of('$3Z') WHERE reference = '${4:-r/app-1:1}'")" = "$2" ] ||
		fail "as of $3: $(sql "SELECT * FROM dashboard.verdict_as_of('$3Z')")"
}
PASSED=$(utc)

# ---------------------------------------------------------------- targets --
scanfarm notify list >out 2>err && grep -q "nobody is told yet" err || fail "list: $(cat out err)"
! scanfarm notify add hook --url "$URL" 2>err && grep -q "add --insecure" err || fail "plain http: $(cat err)"
! scanfarm notify add hook --url "http://a:b@127.0.0.1/" --insecure 2>err && grep -q "no URL" err || fail "user in the URL: $(cat err)"
! scanfarm notify add hook --url "$URL" --insecure --secret-file nowhere 2>err && grep -q "the target's secret file" err || fail "no secret: $(cat err)"
scanfarm notify add hook --url "$URL" --insecure --secret-file secret 2>err || fail "add: $(cat err)"
scanfarm notify add dead --url http://127.0.0.1:1/a-secret-path --insecure 2>err || fail "add: $(cat err)"
! scanfarm notify add hook --url "$URL" --insecure 2>err && grep -q "there already" err || fail "twice: $(cat err)"
[ "$(curl -s -o /dev/null -w '%{http_code}' "$SCANFARM_URL/api/v1/notify-targets")" = 401 ] || fail "targets for everybody"

# ---------------------------------------- a new image that passes is no news --
registry_push i.oci:2 app-2:1 || fail push
scanfarm scan r/app-2:1 >out 2>err || fail "not passed: $(cat out err)"

# ------------------------------------------------------- one change, signed --
feed 3.0.11-1
wait_told 1
[ "$(told | cut -d ' ' -f 2-)" = "pass fail new_advisory DSA-1-1 2" ] || fail "told: $(told)"
[ "$(jq -c '[.type, .target, .digest, [.changes[0].references[].reference]]' hook/1.json)" = '["scanfarm.verdicts","hook",false,["r/app-1:1","r/app-2:1"]]' ] ||
	fail "told: $(cat hook/1.json)"
grep -qi "^X-Scanfarm-Signature: sha256=$(openssl dgst -sha256 -hmac whisper -r hook/1.json | cut -d ' ' -f 1)" hook/1.headers || fail "wrong signature: $(cat hook/1.headers)"
grep -q "^/a-secret-path" hook/1.headers || fail "another path: $(cat hook/1.headers)"
FAILED=$(utc)
# a new image that fails is: here of content that is known
registry_push i.oci:3 app-3:1 || fail push
scanfarm scan r/app-3:1 >out 2>err
wait_told 2
[ "$(told | sed -n 2p | cut -d ' ' -f 2-)" = " fail new_inventory  1" ] || fail "first fail: $(told)"

# ----------------------------------- away, refusing, and a coordinator killed --
hook_stop
feed 3.0.9-1
wait_sql 60 "SELECT failures > 0 FROM dashboard.notify_target WHERE name = 'hook'" t
coordinator_dies
feed 3.0.11-1
touch hook/fail
PORT=${URL#http://127.0.0.1:}
hook_start "${PORT%%/*}"
wait_sql 60 "SELECT last_error FROM dashboard.notify_target WHERE name = 'hook'" "it answers 500"
rm hook/fail
wait_told 4
# ---------------------------------------- killed while the receiver has it all --
touch hook/hang
AGAIN=$(utc)
feed 3.0.9-1
wait_told 5
PASSED_AGAIN=$(utc)
coordinator_dies
rm hook/hang
feed 3.0.11-1
wait_told 6
[ "$(told | sort -un -k 1 | cut -d ' ' -f 2-5 | tr ' ' /)" = "pass/fail/new_advisory/DSA-1-1
/fail/new_inventory/
fail/pass/withdrawn/DSA-1-1
pass/fail/new_advisory/DSA-1-1
fail/pass/withdrawn/DSA-1-1
pass/fail/new_advisory/DSA-1-1" ] || fail "in another order, or some are missing: $(told)"
# sent again only what was not known to be taken, and in order: a repeated one is followed by the next
[ "$(told | cut -d ' ' -f 1 | uniq)" = "$(told | cut -d ' ' -f 1 | sort -n | uniq)" ] || fail "out of order: $(told)"
[ "$(told | wc -l)" -gt 6 ] || fail "what hung was not sent again: $(told)"

# -------------------------------------------------------------- then and now --
as_of 0 pass "$PASSED"
as_of 1 fail "$FAILED"
scanfarm report r/app-1:1 --as-of "$FAILED" >out 2>err
grep -q "fail .* new_advisory *DSA-1-1" out || fail "as of: $(cat out err)"
as_of 1 fail "$AGAIN"
as_of 0 pass "$PASSED_AGAIN"
as_of 1 fail "$(utc)"
as_of 2 "" "$PASSED" r/app-2:1
as_of 2 "" "2020-01-01T00:00:00"
scanfarm report r/app-1:1 --as-of 2999-01-01 --format json >out 2>err
[ $? = 2 ] && [ ! -s out ] && grep -q "2999-01-01T00:00:00Z is still to come" err || fail "as of a day to come: $(cat out err)"
for f in "dashboard.verdict_as_of('2999-01-01')" "dashboard.image_verdict_as_of(1, now() + interval '1 hour')"; do
	sql "SELECT * FROM $f" 2>&1 | grep -q "no verdict is known of a time to come" || fail "$f answers: $(sql "SELECT * FROM $f" 2>&1)"
done
for t in nonsense 2026 2026-13-45 2026-02-30 2026-01-01T25:00:00Z 2026-01-01T00:00:00+19:00 2026-01-01T1 "2026-01-01T00:00:00+1"; do
	scanfarm report r/app-1:1 --as-of "$t" >out 2>err
	[ $? = 2 ] && grep -q "is no time" err || fail "as of $t: $(cat out err)"
done

scanfarm changes --format tsv >out 2>err || fail "changes: $(cat err)"
[ "$(grep "r/app-1:1" out | cut -f 5-8 | tr '\t' /)" = "/pass/new_inventory/
pass/fail/new_advisory/DSA-1-1
fail/pass/withdrawn/DSA-1-1
pass/fail/new_advisory/DSA-1-1
fail/pass/withdrawn/DSA-1-1
pass/fail/new_advisory/DSA-1-1" ] || fail "changes: $(cat out)"
[ "$(scanfarm changes --since "$PASSED_AGAIN" --format tsv | grep -c r/app-1:1)" = 1 ] || fail "changes since then"
scanfarm changes --since 1d | sed -n 2p | grep -q "pass *fail *new_advisory" || fail "not the newest first"
! scanfarm changes --since yesterday 2>err && grep -q "is no time" err || fail "yesterday: $(cat err)"

# ------------------------------------------------------------ the dead target --
wait_sql 60 "SELECT waiting, failures > 0, last_delivery_at IS NULL FROM dashboard.notify_target WHERE name = 'dead'" "6|t|t"
wait_sql 60 "SELECT waiting FROM dashboard.notify_target WHERE name = 'hook'" 0
scanfarm notify list --format tsv >out || fail list
grep -q "^dead" out && ! grep -q a-secret-path out || fail "list: $(cat out)"
! grep -e a-secret-path -e whisper up.log || fail "a secret is in the log"
curl -sS "$SCANFARM_URL/" >page.html && grep -q 'id="notify"' page.html && grep -q "was not told of" page.html && ! grep -q a-secret-path page.html || fail "the page"

# ------------------------------------------------------------------- a storm --
before=$(ls hook/*.json | wc -l)
sql "INSERT INTO notification (image_state_id, old, new, cause, reference)
     SELECT v.image_state_id, CASE WHEN n % 2 = 1 THEN 'fail' ELSE 'pass' END, CASE WHEN n % 2 = 1 THEN 'pass' ELSE 'fail' END, 'withdrawn', 'DSA-1-1'
       FROM generate_series(1, 2001) n, verdict v" || fail storm
wait_sql 60 "SELECT waiting FROM dashboard.notify_target WHERE name = 'hook'" 0
[ "$(ls hook/*.json | wc -l)" = $((before + 1)) ] || fail "a storm is $(($(ls hook/*.json | wc -l) - before)) deliveries"
[ "$(jq -c '[.digest, .images, (.changes | length), .changes[0].old, .changes[0].new, .changes[0].images]' hook/$((before + 1)).json)" = '[true,3,1,"fail","pass",3]' ] ||
	fail "the digest: $(cat hook/$((before + 1)).json)"
scanfarm notify remove dead 2>err && ! scanfarm notify remove dead 2>err && grep -q "no target" err || fail "remove: $(cat err)"
farm_stop
echo "the changes came in order, none is lost"

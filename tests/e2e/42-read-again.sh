#!/bin/sh
# Workers read better than what is stored: the layers concerned are read again, once
# each, and no others.  A push meanwhile is judged before they are; kill -9 of the
# coordinator loses nothing; a layer that its registry no longer has keeps its result.
. "$(dirname "$0")/../lib/farm.sh"
. "$TOP/tests/lib/registry.sh"
cd "$T" || exit 1

# ---------------------------------------------------------------- what is pushed
L=$T/layout
OLD="one two three four five six blind lost"
mkdir -p root/etc root/var/lib/dpkg
printf 'ID=debian\nVERSION_ID="12"\n' >root/etc/os-release
printf 'Package: lib1\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.1-1\n\n' >root/var/lib/dpkg/status
umoci init --layout "$L" && umoci new --image "$L:base" &&
    umoci insert --rootless --image "$L:base" root / >/dev/null || fail "no base image"
for i in $OLD new; do
	d=app/usr/lib/python3/dist-packages
	rm -rf app && mkdir -p "$d/thing_$i-1.0.dist-info"
	head -c 100000 /dev/urandom >"$d/aaa.bin"
	printf 'Metadata-Version: 2.1\nName: thing-%s\nVersion: 1.0\n' $i >"$d/thing_$i-1.0.dist-info/METADATA"
	umoci tag --image "$L:base" $i && umoci insert --rootless --image "$L:$i" app / >/dev/null || fail "no image $i"
done
layer_of() {	# TAG POSITION, as hex
	_m=$(jq -r --arg t "$1" '.manifests[] | select(.annotations["org.opencontainers.image.ref.name"] == $t).digest' "$L/index.json")
	jq -r ".layers[$2].digest" "$L/blobs/sha256/${_m#sha256:}" | cut -d: -f2
}
base=$(layer_of base 0)

mkdir -p feed/PyPI feed/Debian
advisory() {	# ID ECOSYSTEM PACKAGE
	printf '{"id":"%s","modified":"2026-01-01T00:00:00Z","severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
	    "affected":[{"package":{"ecosystem":"%s","name":"%s"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]}]}' "$@"
}
advisory CVE-2026-1 PyPI thing-blind >CVE-2026-1.json
advisory CVE-2026-2 PyPI thing-lost >CVE-2026-2.json
zip -q feed/PyPI/all.zip CVE-2026-1.json CVE-2026-2.json
advisory CVE-2026-3 Debian:12 nothing >CVE-2026-3.json
zip -q feed/Debian/all.zip CVE-2026-3.json

# ------------------------------------------------------------------------- a farm
REGISTRY_PORT=$(free_port)
gate_start "127.0.0.1:$REGISTRY_PORT"
farm_start 3
scanfarm feed import feed >import.out 2>&1 || fail "feed import: $(cat import.out)"
farm_registry reg "$GATE"
start_registry anonymous "$WEBHOOK" "$SECRET" || fail "the registry did not start"
gets() {	# how often we asked the registry for a blob
	grep -c "\"GET /v2/.*/blobs/sha256:$1 HTTP.*scanfarm" "$REGISTRY_LOG"
}
verdicts() {
	sql "SELECT string_agg(tag || ' ' || coalesce(verdict, 'none'), ', ' ORDER BY tag) FROM dashboard.image"
}
found() {	# by the images that no better worker changes anything of
	sql "SELECT reference, vulnerability, package, version, layer FROM dashboard.finding WHERE tag NOT IN ('blind', 'new') ORDER BY 1, 2"
}
for i in $OLD; do
	registry_push "$L:$i" app:$i || fail "push of $i"
done
wait_sql 90 "SELECT count(*) FROM dashboard.verdict WHERE verdict IS NOT NULL" 8
[ "$(verdicts)" = "blind fail, five pass, four pass, lost fail, one pass, six pass, three pass, two pass" ] || fail "at first: $(verdicts)"
[ "$(scanfarm status --format tsv | grep -c '^layers_\(outdated\|not_reread\)	0$')" = 2 ] || fail "at first: $(scanfarm status)"
found >found.before

# -------------------------------------------------- as if older workers had read it
for i in $OLD; do
	gate_hold "$(layer_of $i 1)"
done
curl -fsS -X DELETE "http://$REGISTRY/v2/app/blobs/sha256:$(layer_of lost 1)" || fail "the blob of lost stays"
# they read pypi's files worse, and took thing-blind for another one
sql "BEGIN;
    INSERT INTO analyzer_set (id, digest) VALUES (1000, 'older');
    INSERT INTO analyzer SELECT 1000, kind, revision - (kind = 'pypi')::integer, wants_revision, recorded FROM analyzer
     WHERE set_id = (SELECT id FROM analyzer_set WHERE raised = 1);
    UPDATE inventory SET revision = revision - 1 WHERE kind = 'pypi';
    UPDATE inventory SET record = (SELECT v.record FROM inventory v JOIN layer l ON l.id = v.layer_id
                                    WHERE l.digest = '\\x$(layer_of one 1)' AND v.kind = 'pypi')
     WHERE kind = 'pypi' AND layer_id = (SELECT id FROM layer WHERE digest = '\\x$(layer_of blind 1)');
    UPDATE layer SET content = sha256(content) WHERE digest = '\\x$(layer_of blind 1)';
    UPDATE image SET dirty = true WHERE id IN (SELECT image_id FROM image_layer il JOIN layer l ON l.id = il.layer_id WHERE l.digest = '\\x$(layer_of blind 1)');
    UPDATE layer SET analyzer_set_id = 1000;
    COMMIT"
wait_sql 60 "SELECT verdict FROM dashboard.image WHERE tag = 'blind'" pass

# ------------------------------------------------------------ a push goes first
slots=$(sql "SELECT least(greatest(sum(slots) / 2, 1), 4) FROM dashboard.worker WHERE connected")
held() {	# as many as may be read again at once are in the middle of it
	[ "$(ls "$T"/gate/held.* 2>/dev/null | wc -l)" -ge "$slots" ]
}
wait_for 60 held || fail "nothing is read again: $(ls gate)"
registry_push "$L:new" app:new || fail "push of new"
wait_sql 60 "SELECT verdict FROM dashboard.image WHERE tag = 'new'" pass
left=$(sql "SELECT waiting FROM dashboard.queue WHERE kind = 'reread'")
[ "$left" -ge 7 ] || fail "only $left layers wait while all are held"
[ "$(gets "$base")" = 1 ] || fail "the base, which has no such file, was asked for"
curl -fsS -H "Authorization: Bearer $(cat "$SCANFARM_TOKEN_FILE")" "$SCANFARM_URL/metrics" | grep -qx "scanfarm_layers_outdated $left" ||
	fail "the metrics do not say that $left wait"

# ------------------------------------------------- and a kill loses nothing
ls gate/held.* | sed 's/.*held\.//' >in-flight
old=$(farm_pids scanfarm-coordinator)
kill -9 "$old" || fail "no coordinator"
another() {
	[ -n "$(farm_pids scanfarm-coordinator)" ] && [ "$(farm_pids scanfarm-coordinator)" != "$old" ] &&
	    curl -fsS -o /dev/null "$SCANFARM_URL/healthz" 2>/dev/null
}
wait_for 60 another || fail "no other coordinator"
[ "$(verdicts)" = "blind pass, five pass, four pass, lost fail, new pass, one pass, six pass, three pass, two pass" ] || fail "in between: $(verdicts)"
for i in $OLD; do
	gate_release "$(layer_of $i 1)"
done
wait_sql 90 "SELECT coalesce(string_agg(kind || ' ' || waiting, ', '), '') FROM dashboard.queue WHERE waiting > 0" ""
[ "$(verdicts)" = "blind fail, five pass, four pass, lost fail, new pass, one pass, six pass, three pass, two pass" ] || fail "at the end: $(verdicts)"
found >found.after
cmp found.before found.after || fail "other images changed"
[ "$(sql "SELECT v.cause FROM dashboard.image i, dashboard.image_verdict_as_of(i.image_id, now()) v WHERE i.tag = 'blind'")" = analyzers ] ||
	fail "the ledger: $(sql "SELECT * FROM dashboard.verdict_change ORDER BY at")"
sql "SELECT tag || ' ' || old || '>' || new || ' ' || cause FROM dashboard.verdict_change WHERE cause = 'analyzers'" >changes
[ "$(cat changes)" = "blind pass>fail analyzers" ] || fail "changes: $(cat changes)"
[ "$(sql "SELECT string_agg(DISTINCT old || '>' || new, ' ') FROM dashboard.verdict_change WHERE tag NOT IN ('blind', 'lost')")" = ">pass" ] ||
	fail "others changed: $(sql "SELECT * FROM dashboard.verdict_change ORDER BY at")"
[ "$(sql "SELECT string_agg(DISTINCT cause, ' ') FROM image_state_history WHERE image_id NOT IN (SELECT image_id FROM dashboard.image WHERE tag = 'blind')")" = new_inventory ] ||
	fail "images were applied anew for nothing"
sql "SELECT count(*) FROM inventory WHERE kind = 'pypi' AND revision < (SELECT revision FROM analyzer WHERE kind = 'pypi' AND set_id <> 1000)" >behind
[ "$(cat behind)" = 1 ] || fail "$(cat behind) layers are behind, not the one that is lost"

# each was asked for once more; those in the middle when it died, once more than that
for i in one two three four five six blind; do
	want=2
	grep -q "$(layer_of $i 1)" in-flight && want=3
	[ "$(gets "$(layer_of $i 1)")" = $want ] || fail "$i was asked for $(gets "$(layer_of $i 1)") times, not $want"
	[ "$(sql "SELECT analyses FROM layer WHERE digest = '\\x$(layer_of $i 1)'")" = 2 ] || fail "$i was not read twice"
done
[ "$(gets "$base") $(gets "$(layer_of new 1)")" = "1 1" ] || fail "base and new were asked for $(gets "$base") and $(gets "$(layer_of new 1)") times"

# ------------------------------------------------ what is lost keeps its result
[ "$(sql "SELECT outcome || ' ' || count(*) FROM attempt GROUP BY outcome")" = "not_found 1" ] || fail "tries: $(sql "SELECT * FROM attempt")"
sql "SELECT state || ' ' || outdated || ' ' || analyses || ' ' || reread_error FROM dashboard.layer WHERE layer = 'sha256:$(layer_of lost 1)'" >lost
grep -q "^done false 1 .*404" lost || fail "lost: $(cat lost)"
scanfarm status --format tsv >status
grep -q "^layers_outdated	0$" status && grep -q "^layers_not_reread	1$" status || fail "status: $(cat status)"
farm_stop

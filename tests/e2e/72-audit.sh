#!/bin/sh
# What a farm derived is compared with a rebuild on request: no difference, and each
# one that somebody made by hand is named.  What a feed suddenly lacks is held back.
. "$(dirname "$0")/../lib/farm.sh"

# document ID: an advisory about openssl of Debian 12
document() {
	cat <<J
{"id":"$1","modified":"2026-01-01T00:00:00Z","summary":"a test",
 "affected":[{"package":{"ecosystem":"Debian:12","name":"openssl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"3.0.10-1"}]}]}]}
J
}

# audit STATUS TEXT: run it; its exit status and a text in what it says.
audit() {
	scanfarm audit --wait 60 >"$T/audit.out" 2>&1
	[ $? -eq "$1" ] || fail "scanfarm audit should end with status $1: $(cat "$T/audit.out")"
	grep -q "$2" "$T/audit.out" || fail "the audit does not say \"$2\": $(cat "$T/audit.out")"
}

farm_start 0
scanfarm audit --last >"$T/audit.out" 2>&1 && fail "there was no audit yet"
mkdir -p "$T/feed/Debian"
for i in $(seq 1 20); do document TEST-$i >"$T/feed/Debian/TEST-$i.json"; done
(cd "$T/feed/Debian" && zip -q all.zip ./*.json)
scanfarm feed import "$T/feed" >"$T/import.out" 2>&1 || fail "feed import: $(cat "$T/import.out")"
wait_sql 20 "SELECT count(*) FROM advisory WHERE NOT changed" 20

audit 0 "differ    0"
scanfarm status | grep -q "^audit     0 differences" || fail "status does not show the audit: $(scanfarm status)"
sql "INSERT INTO match (package_id, advisory_id) VALUES (99, 1)"
audit 1 "match: package 99 advisory 1"
scanfarm audit --last --format tsv >"$T/audit.out" 2>&1
[ $? -eq 1 ] || fail "--last should end with status 1"
grep -q "^match: package 99" "$T/audit.out" || fail "--last does not name the row"
scanfarm status | grep -q "^audit     1 differences" || fail "status does not show the difference"
curl -s "$SCANFARM_URL/metrics" | grep -q "^scanfarm_audit_differences 1" || fail "the metrics do not show it"
sql "DELETE FROM match"
audit 0 "differ    0"

# One document less is withdrawn by that; half of them are held back.
rm "$T/feed/Debian/TEST-20.json" "$T/feed/Debian/all.zip"
(cd "$T/feed/Debian" && zip -q all.zip ./*.json)
scanfarm feed import "$T/feed" >"$T/import.out" 2>&1 || fail "feed import: $(cat "$T/import.out")"
wait_sql 20 "SELECT string_agg(name, ',') FROM advisory WHERE gone_at IS NOT NULL" TEST-20
rm "$T"/feed/Debian/TEST-1?.json "$T/feed/Debian/all.zip"
(cd "$T/feed/Debian" && zip -q all.zip ./*.json)
scanfarm feed import "$T/feed" >"$T/import.out" 2>&1 || fail "feed import: $(cat "$T/import.out")"
grep -q "10 known documents are missing" "$T/import.out" || fail "nothing is said about missing documents: $(cat "$T/import.out")"
wait_sql 5 "SELECT count(*) FROM advisory WHERE gone_at IS NULL" 19
scanfarm feed import "$T/feed" --accept-missing >"$T/import.out" 2>&1 || fail "feed import: $(cat "$T/import.out")"
wait_sql 20 "SELECT count(*) FROM advisory WHERE gone_at IS NULL AND NOT changed" 9
audit 0 "differ    0"
farm_stop

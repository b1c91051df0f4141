#!/bin/sh
# Every fault of a registry ends in a clear state with its reason in the
# database; nothing is ever judged clean that could not be read.
. "$(dirname "$0")/../lib/farm.sh"

fake_registry_start
farm_start 2
mkdir -p "$T/feed/Debian"
cat >"$T/feed/Debian/TEST-1.json" <<'J'
{"id":"TEST-1","modified":"2026-01-01T00:00:00Z","summary":"a test","aliases":["CVE-2026-0001"],
 "severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
 "affected":[{"package":{"ecosystem":"Debian:12","name":"openssl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"3.0.10-1"}]}]}]}
J
(cd "$T/feed/Debian" && zip -q all.zip TEST-1.json && rm TEST-1.json)
scanfarm feed import "$T/feed" >"$T/import.out" 2>&1 || fail "feed import: $(cat "$T/import.out")"

scanfarm registry add fake --url "http://$FAKE" --insecure --poll 3600 >"$T/add.out" 2>&1 ||
	fail "registry add: $(cat "$T/add.out")"

# The catalog is polled at once: 18 repositories, most with one tag.
wait_sql 60 "SELECT count(*) FROM repository" 18

# state REPOSITORY: verdict and reason of what tag 1 points to now, or why the tag
# could not be resolved.
state() {
	sql "SELECT coalesce(i.state || ' ' || coalesce(v.verdict, '-') || ' ' ||
	       i.reason || ' ' || coalesce(array_to_string(s.reasons, '; '), ''), 'no image')
	  FROM repository r
	  LEFT JOIN tag_history t ON t.repository_id = r.id AND t.tag = '1' AND t.gone_at IS NULL
	  LEFT JOIN image i ON i.id = t.image_id
	  LEFT JOIN image_state s ON s.id = i.image_state_id
	  LEFT JOIN verdict v ON v.image_state_id = s.id AND v.scope = ''
	 WHERE r.name = '$1'"
}

# expect REPOSITORY SECONDS PATTERN: until state matches the extended pattern.
expect() {
	_n=$(($2 * 5))
	until state "$1" | grep -Eq "$3"; do
		_n=$((_n - 1))
		[ $_n -gt 0 ] || fail "$1: want /$3/, got: $(state "$1")
attempts: $(sql "SELECT target, attempt, outcome, reason FROM attempt ORDER BY at")
jobs: $(sql "SELECT id, kind, attempt, last_error FROM job")"
		sleep 0.2
	done
	echo "$1: $(state "$1")"
}

expect good 60 '^applied fail '
expect limited 60 '^applied fail '
expect broken 60 '^applied fail '
expect whiteout 60 '^applied (fail|unknown) '
expect corrupt 60 '^applied unknown .*layer 0: .*([Dd]amaged|gzip|corrupt|malformed|invalid)'
expect wrong-digest 60 '^applied unknown .*digest'
# the digest decides what a layer is: only the image whose manifest lies is marked
expect wrong-size 60 '^applied fail .*the manifest says size'
expect missing 60 '^applied unknown .*(not found|404|missing)'
expect denied 60 '^applied unknown .*(denied|401|credential)'
expect gzipbomb 120 '^applied unknown .*(ratio|expan|limit)'
expect tarbomb 60 '^applied unknown '
expect badjson 60 '^failed - .*not valid JSON'
expect deepjson 60 '^failed - .*deeper'
wait_sql 60 "SELECT count(*) FROM image WHERE state = 'failed' AND reason LIKE '%digest is%not%'" 1
# an index is as bad as what it holds, at any depth, and without images unknown
wait_sql 60 "SELECT verdict FROM dashboard.image WHERE repository = 'nested' AND kind = 'index' AND tag = '1' AND NOT by_index" fail
wait_sql 60 "SELECT verdict, reasons FROM dashboard.image WHERE repository = 'noimage' AND kind = 'index'" \
    'unknown|{"the index names no image"}'
scanfarm scan "$FAKE/noimage:1" --timeout 60 >"$T/noimage.out" 2>&1
[ $? = 4 ] && grep -q 'names no image' "$T/noimage.out" || fail "noimage: $(cat "$T/noimage.out")"
# a tag that its registry does not answer for hides none of the others
expect tags 60 '^applied fail '
wait_sql 60 "SELECT count(*) FROM dashboard.image WHERE repository = 'tags' AND tag IN ('mute', '1') AND verdict = 'fail'" 2
wait_sql 60 "SELECT tag, outcome FROM dashboard.unresolved WHERE repository = 'tags' AND reason LIKE '%redirects%'" '0|denied'
wait_sql 60 "SELECT last_poll_error FROM registry" ''
# a crafted whiteout must not have hidden the packages below it
n=$(sql "SELECT count(*) FROM dashboard.finding WHERE reference LIKE '%/whiteout:1'")
[ "$n" -ge 1 ] || fail "whiteout: the packages below a crafted whiteout are gone ($n findings)"
# a body that ends early is a fault of the network: tried again, then kept as the reason
wait_sql 30 "SELECT count(*) > 0 FROM attempt WHERE outcome IN ('temporary', 'malformed') AND reason ~ '(short|truncat|end|bytes|size)'" t
# whoever asks again gets the answer of now, not that of before
scanfarm report "$FAKE/missing:1" >"$T/missing.out" 2>&1
[ $? = 4 ] || fail "missing: $(cat "$T/missing.out")"
: >"$T/fake.port.mended"
scanfarm scan "$FAKE/missing:1" --timeout 60 >"$T/missing.out" 2>&1
[ $? = 1 ] && grep -q CVE-2026-0001 "$T/missing.out" || fail "missing, and there again: $(cat "$T/missing.out")"
n=$(sql "SELECT count(*) FROM verdict v JOIN image i USING (image_state_id) JOIN tag_history t ON t.image_id = i.id
 JOIN repository r ON r.id = t.repository_id WHERE v.verdict = 'pass'")
[ "$n" = 0 ] || fail "$n of the faulty images pass"
farm_stop

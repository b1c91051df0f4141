#!/bin/sh
# Feeds fetched from servers: only when they changed, only what changed, on from
# where a fetch was interrupted; and imports that are damaged, fail or are killed,
# after which the next one completes and nothing differs from a rebuild.
. "$(dirname "$0")/../lib/farm.sh"
SHARED=${SHARED:-$TOP/../shared}
cd "$T" || exit 1
NGINX_PID=
trap '[ -z "$NGINX_PID" ] || kill $NGINX_PID 2>/dev/null; cleanup' EXIT
NGINX=$(command -v nginx || command -v /usr/sbin/nginx) || fail "no nginx"
export XDG_CACHE_HOME="$T/cache"
mkdir "$T/cache"

# want STATUS TEXT WORDS...: the status, and TEXT in what it says
want() {
	_status=$1 _text=$2
	shift 2
	timeout 300 scanfarm "$@" >out 2>err
	_rc=$?
	[ $_rc -eq "$_status" ] || fail "scanfarm $*: status $_rc, want $_status: $(head -n 5 out err)"
	cat out err | grep -qF -e "$_text" || fail "scanfarm $*: no \"$_text\": $(head -n 5 out err)"
}
# row FEED NUMBERS: documents, changed, malformed, gone of the last command
row() {
	_got=$(awk -v f="$1" '$1 == f { print $2, $3, $5, $6 }' out)
	[ "$_got" = "$2" ] || fail "$1: documents, changed, malformed, gone are $_got, not $2: $(cat out err)"
}
# forget: what was asked until now.  nginx notes a request after its answer, but one
# after the other: when this one is noted, those before are.
forget() {
	[ -z "$NGINX_PID" ] || curl -s -o /dev/null "http://127.0.0.1:$PORT/mark"
	[ -z "$NGINX_PID" ] || wait_for 20 grep -q ' /mark' access || fail "nginx notes no request"
	sed '/ \/mark/d; s/^[^ ]* //; s/ -$//' access >asked.got
	: >access
}
# asked STATUS-PATH...: the requests since the last time, in order
asked() {
	printf '%s\n' "$@" >asked.want
	forget
	cmp -s asked.got asked.want || fail "the server was asked
$(cat asked.got)
and not
$(cat asked.want)"
}

# ------------------------------------------------------------------ the server --
web_start() {
	"$NGINX" -c "$T/nginx.conf" 2>nginx.err &
	NGINX_PID=$!
	wait_for 20 curl -s -o /dev/null "http://127.0.0.1:$PORT/" || fail "nginx did not start: $(cat nginx.err)"
	wait_for 20 test -s access || fail "nginx notes no request"	# it does so after its answer
	: >access
}
web_stop() {
	kill $NGINX_PID
	wait $NGINX_PID 2>/dev/null
	NGINX_PID=
}
PORT=$(free_port)
cat >nginx.conf <<N
daemon off; master_process off; pid $T/nginx.pid; error_log $T/nginx.error warn;
events { }
http {
	log_format ours '\$msec \$status \$uri \$http_range';
	access_log $T/access ours;
	client_body_temp_path $T/b; proxy_temp_path $T/p; fastcgi_temp_path $T/f; uwsgi_temp_path $T/u; scgi_temp_path $T/s;
	server {
		listen 127.0.0.1:$PORT;
		root $T/web;
		location /slow/ { alias $T/web/; limit_rate 300k; }
	}
}
N
document() {	# ID MODIFIED FIXED [ECOSYSTEM]
	cat <<J
{"id":"$1","modified":"$2","summary":"a test",
 "affected":[{"package":{"ecosystem":"${4:-Debian:12}","name":"p-$1"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"$3"}]}]}]}
J
}
W=$T/web/Debian
mkdir -p "$W"
for i in $(seq 10 29); do document T-$i 2026-01-01T00:00:${i}Z 1 >"$W/T-$i.json"; done
pack() {
	rm -f "$W/all.zip"
	(cd "$W" && zip -q all.zip ./*.json)
}
list() {	# the youngest first
	(cd "$W" && jq -r '.modified + "," + .id' ./*.json) | sort -r >"$W/modified_id.csv"
}
pack; list
web_start
FROM="--from http://127.0.0.1:$PORT --insecure"
farm_start 1

# --------------------------------------------------------------- OSV, by its list --
want 0 osv/Debian feed update Debian $FROM
row osv/Debian "20 20 0 0"
# the list's head, the archive, the list again and what is not older than it
asked "200 /Debian/modified_id.csv" "200 /Debian/all.zip" "200 /Debian/modified_id.csv" "200 /Debian/T-29.json"
[ "$(sql "SELECT documents FROM feed")" = 20 ] || fail "documents: $(sql 'TABLE feed')"
[ -z "$(ls cache/scanfarm)" ] || fail "something stays in the cache: $(ls cache/scanfarm)"
sql "UPDATE feed SET imported_at = now() - interval '1 day'"
want 0 osv/Debian feed update $FROM
row osv/Debian "20 0 0 0"
asked "304 /Debian/modified_id.csv"
[ "$(sql "SELECT age_s < 3600 FROM dashboard.feed")" = t ] || fail "a feed that did not change is old"

# a page that a network puts in a file's place, or nothing, does not say that nothing changed
page='<html><body>Welcome, please log in</body></html>'
old() {	# FEED: nothing says that it is young
	[ "$(sql "SELECT age_s > 3600 FROM dashboard.feed WHERE name = '$1'")" = t ] || fail "$1 is fresh after $(cat out err)"
}
sql "UPDATE feed SET imported_at = now() - interval '1 day'"
mv "$W/modified_id.csv" list
for p in "$page" ""; do
	printf '%s' "$p" >"$W/modified_id.csv"
	want 3 "/Debian/modified_id.csv is no list of times and ids" feed update Debian $FROM
	old osv/Debian
done
mv list "$W/modified_id.csv"
mv "$W/all.zip" zip
echo "$page" >"$W/all.zip"
sql "UPDATE feed SET whole_at = now() - interval '8 days'"
want 2 "no document could be read" feed update Debian $FROM
old osv/Debian
sql "UPDATE feed SET whole_at = now()"
mv zip "$W/all.zip"
forget

# two change, one of them damaged, one comes
document T-15 2026-01-02T00:00:01Z 2 >"$W/T-15.json"
printf '{"id":' >"$W/T-16.json"
document T-30 2026-01-02T00:00:03.123456Z 1 >"$W/T-30.json"
{ echo 2026-01-02T00:00:03.123456Z,T-30; echo 2026-01-02T00:00:02Z,T-16; echo 2026-01-02T00:00:01Z,T-15; cat "$W/modified_id.csv"; } >new && mv new "$W/modified_id.csv"
want 4 "malformed: T-16.json" feed update Debian $FROM
row osv/Debian "3 2 1 0"
asked "200 /Debian/modified_id.csv" "200 /Debian/T-30.json" "200 /Debian/T-16.json" "200 /Debian/T-15.json" "200 /Debian/T-29.json"
[ "$(sql "SELECT documents || ' ' || malformed FROM feed")" = "21 1" ] || fail "documents: $(sql 'TABLE feed')"
[ "$(sql "SELECT count(*) FROM advisory WHERE name = 'T-16' AND gone_at IS NULL")" = 1 ] || fail "a damaged document took its row away"
grep -q "T-16.json is no document" err || fail "nothing is said of T-16: $(cat err)"

# what could not be had is asked for again, and what came behind it once more
document T-16 2026-01-02T00:00:02Z 3 >"$W/T-16.json"
want 0 osv/Debian feed update Debian $FROM
row osv/Debian "2 1 0 0"
asked "200 /Debian/modified_id.csv" "200 /Debian/T-30.json" "200 /Debian/T-16.json"
document T-30 2026-01-02T00:00:05Z 2 >"$W/T-30.json"
{ echo 2026-01-02T00:00:05Z,T-30; echo 2026-01-02T00:00:04Z,T-31; grep -v T-30 "$W/modified_id.csv"; } >new && mv new "$W/modified_id.csv"
want 0 "left out T-31" feed update Debian $FROM
row osv/Debian "1 1 0 0"
asked "200 /Debian/modified_id.csv" "200 /Debian/T-30.json" "404 /Debian/T-31.json"
# one that is lacking for good holds nothing up for long
want 0 "left out T-31" feed update Debian $FROM
row osv/Debian "1 0 0 0"
asked "200 /Debian/modified_id.csv" "200 /Debian/T-30.json" "404 /Debian/T-31.json"
want 0 osv/Debian feed update Debian $FROM
asked "304 /Debian/modified_id.csv"
# a server that lacks most of what it lists is not well
sql "UPDATE feed SET imported_at = now() - interval '1 day'"
cp "$W/modified_id.csv" list
{ echo 2026-01-02T00:00:08Z,T-33; echo 2026-01-02T00:00:07Z,T-32; cat list; } >"$W/modified_id.csv"
want 3 "2 of 3 documents that are listed could not be had" feed update Debian $FROM
old osv/Debian
mv list "$W/modified_id.csv"
forget

# a week later all of it is fetched: what is gone goes
document T-16 2026-01-02T00:00:02Z 2 >"$W/T-16.json"
rm "$W/T-10.json"
pack; list
sql "UPDATE feed SET whole_at = now() - interval '8 days'"
want 0 osv/Debian feed update Debian $FROM
[ "$(sql "SELECT documents FROM feed")" = 20 ] || fail "documents: $(sql 'TABLE feed')"
[ "$(sql "SELECT string_agg(name, ' ') FROM advisory WHERE gone_at IS NOT NULL")" = T-10 ] || fail "not gone: T-10"
forget

# more than can be believed is held back, until that is confirmed; a setting says how much
rm "$W"/T-1[1-5].json
pack; list
sql "UPDATE feed SET whole_at = now() - interval '8 days'"
want 0 "5 known documents are missing" feed update Debian $FROM
[ "$(sql "SELECT origin || missing FROM feed")" = 5 ] || fail "a held back feed has an origin: $(sql 'TABLE feed')"
want 0 "the last whole file lacks 5 known documents" feed list
curl -s "$SCANFARM_URL/" | grep -q "lacks 5 known documents" || fail "the page does not say that documents are held back"
forget
want 0 "5 known documents are missing" feed update Debian $FROM
asked "200 /Debian/modified_id.csv" "200 /Debian/all.zip"
sql "INSERT INTO setting (name, value) VALUES ('feed_missing_percent', '50')"
want 0 osv/Debian feed update Debian $FROM
[ "$(sql "SELECT documents || ' ' || missing FROM feed")" = "15 0" ] || fail "the setting does nothing: $(sql 'TABLE feed')"
sql "DELETE FROM setting WHERE name = 'feed_missing_percent'"
forget

# another server, and importers that changed: nothing is taken for known
want 0 osv/Debian feed update Debian --from "http://localhost:$PORT" --insecure
asked "200 /Debian/modified_id.csv" "200 /Debian/all.zip" "200 /Debian/modified_id.csv" "200 /Debian/T-30.json"
want 0 osv/Debian feed list
! grep -q 'earlier scanfarm' err || fail "a feed that was just read: $(cat err)"
sql "UPDATE feed SET reader = reader - 1"
want 0 "osv/Debian was read by an earlier scanfarm" feed list
want 0 osv/Debian feed update Debian --from "http://localhost:$PORT" --insecure
asked "200 /Debian/modified_id.csv" "200 /Debian/all.zip" "200 /Debian/modified_id.csv" "200 /Debian/T-30.json"

# ------------------------------------------------------------------ other sources --
S=$TOP/tests/coordinator/matcher/feed
mkdir -p web/v3.11 web/os web/security/oval web/al2023/core/mirrors/latest/x86_64 web/mirror/repodata
cp "$S/secdb/alpine-v3.11-main.in" web/v3.11/main.json
cp "$S/secdb/wolfi.in" web/os/security.json
python3 -c 'import bz2, sys; sys.stdout.buffer.write(bz2.compress(sys.stdin.buffer.read()))' <"$S/oval/oracle.in" >web/security/oval/com.oracle.elsa-all.xml.bz2 || fail "no bzip2"
echo "http://127.0.0.1:$PORT/mirror/" >web/al2023/core/mirrors/latest/x86_64/mirror.list
gzip -c "$S/alas/al2.in" >web/mirror/repodata/1-updateinfo.xml.gz
echo '<repomd><data type="primary"><location href="no"/></data><data type="updateinfo"><location href="repodata/1-updateinfo.xml.gz"/></data></repomd>' >web/mirror/repodata/repomd.xml
NAMES="secdb/alpine-v3.11-main secdb/wolfi oval/oracle alas/2023"
want 0 secdb/wolfi feed update $NAMES $FROM
[ "$(awk 'NR > 1 && $2 > 0 && $2 == $3' out | wc -l)" = 4 ] || fail "vendors' feeds: $(cat out)"
forget
want 0 secdb/wolfi feed update $NAMES $FROM
[ "$(awk 'NR > 1 && $2 > 0 && $3 == 0' out | wc -l)" = 4 ] || fail "vendors' feeds again: $(cat out)"
asked "304 /v3.11/main.json" "304 /os/security.json" "304 /security/oval/com.oracle.elsa-all.xml.bz2" \
    "200 /al2023/core/mirrors/latest/x86_64/mirror.list" "200 /mirror/repodata/repomd.xml" "304 /mirror/repodata/1-updateinfo.xml.gz"
want 2 "no source of it is known" feed update secdb/nobody $FROM
want 2 "no source of it is known" feed update nokind/x $FROM
want 0 "secdb.alpinelinux.org" feed sources
# one that fails does not stop the others
want 2 "no such ecosystem" feed update Nope Debian $FROM
grep -q '^osv/Debian' out || fail "the second was not updated: $(cat out err)"
want 3 "secdb/wolfi: " feed update secdb/wolfi --from http://127.0.0.1:1 --insecure

# CSAF: an archive of a day, and what changed since
C=$T/web/data/csaf/v2/vex
mkdir -p "$C/2026" csaf/2026
cp "$S/csaf/redhat-openssl.in" csaf/2026/cve-1.json
cp "$S/csaf/cve-2026-0968.in" csaf/2026/cve-2026-0968.json
(cd csaf && tar -cf - 2026 | zstd -q >"$C/vex_2026-02-01.tar.zst") || fail "no archive"
echo vex_2026-02-01.tar.zst >"$C/archive_latest.txt"
cp "$S/csaf/redhat-modules.in" "$C/2026/cve-3.json"
cat >"$C/changes.csv" <<'CSV'
"2026/cve-3.json","2026-02-01T10:00:00+00:00"
"2026/cve-1.json","2026-01-31T10:00:00+00:00"
CSV
forget
want 0 csaf/redhat feed update csaf/redhat $FROM
B=/data/csaf/v2/vex
asked "200 $B/changes.csv" "200 $B/archive_latest.txt" "200 $B/vex_2026-02-01.tar.zst" "200 $B/changes.csv" "404 $B/deletions.csv" "200 $B/2026/cve-3.json"
[ "$(sql "SELECT documents >= 3 AND watermark = '2026-02-01T10:00:00+00:00' FROM feed WHERE name = 'csaf/redhat'")" = t ] || fail "csaf: $(sql 'TABLE feed')"
want 0 csaf/redhat feed update csaf/redhat $FROM
asked "304 $B/changes.csv"
echo '"2026/cve-2026-0968.json","2026-02-02T10:00:00+00:00"' >"$C/deletions.csv"
cp "$C/2026/cve-3.json" "$C/2026/cve-4.json"
{ echo '"2026/cve-4.json","2026-02-02T11:00:00+00:00"'; cat "$C/changes.csv"; } >new && mv new "$C/changes.csv"
mv "$C/deletions.csv" list
echo "$page" >"$C/deletions.csv"
want 3 "deletions.csv is no list of paths and times" feed update csaf/redhat $FROM
mv list "$C/deletions.csv"
forget
want 0 csaf/redhat feed update csaf/redhat $FROM
[ "$(sql "SELECT string_agg(name, ' ') FROM advisory WHERE feed = 'csaf/redhat' AND gone_at IS NOT NULL")" = "Red Hat Product Security/CVE-2026-0968" ] ||
	fail "deleted: $(sql "SELECT name, gone_at FROM advisory WHERE feed = 'csaf/redhat'")"
row csaf/redhat "$(awk '$1 == "csaf/redhat" { print $2 }' out) 0 0 1"
asked "200 $B/changes.csv" "200 $B/deletions.csv" "200 $B/2026/cve-4.json" "200 $B/2026/cve-3.json"

# SUSE's archive stands beside the folder and bears no day: its own time counts
B=/pub/projects/security/csaf-vex
C=$T/web$B
mkdir -p "$C" suse/csaf-vex
cp "$S/csaf/suse.in" suse/csaf-vex/cve-2024-1.json
(cd suse && tar -cjf "$C.tar.bz2" csaf-vex) || fail "no archive of SUSE's"
touch -d 2026-02-01T22:00:00Z "$C.tar.bz2"
cp "$S/csaf/suse-names.in" "$C/cve-2024-9.json"
cat >"$C/changes.csv" <<'CSV'
"cve-2024-9.json","2026-02-01T01:00:00+01:00"
"cve-2024-1.json","2026-01-31T20:00:00+01:00"
CSV
forget
want 0 csaf/suse feed update csaf/suse $FROM
asked "200 $B/changes.csv" "404 $B/archive_latest.txt" "200 $B.tar.bz2" "200 $B/changes.csv" "404 $B/deletions.csv" "200 $B/cve-2024-9.json"
[ "$(sql "SELECT documents >= 2 AND watermark = '2026-02-01T01:00:00+01:00' FROM feed WHERE name = 'csaf/suse'")" = t ] || fail "csaf/suse: $(sql 'TABLE feed')"
[ "$(sql "SELECT count(DISTINCT split_part(namespace, ':', 1)) FROM feed_namespace WHERE feed = 'csaf/suse'")" = 2 ] || fail "SUSE: $(sql "SELECT namespace FROM feed_namespace WHERE feed = 'csaf/suse'")"
want 0 csaf/suse feed update csaf/suse $FROM
asked "304 $B/changes.csv"

# ---------------------------------------------------------- an interrupted fetch --
mkdir -p big web/PyPI
python3 - <<'PY'
import json, random
rng = random.Random(1)
for i in range(3000):
    with open("big/B-%d.json" % i, "w") as f:
        json.dump({"id": "B-%d" % i, "modified": "2026-01-01T00:00:00Z", "summary": "%x" % rng.getrandbits(3000),
            "affected": [{"package": {"ecosystem": "PyPI", "name": "b%d" % i}, "versions": ["1.%d" % rng.randrange(9)]}]}, f)
PY
(cd big && zip -q ../web/PyPI/all.zip ./*.json)
forget
scanfarm feed update PyPI --from "http://127.0.0.1:$PORT/slow" --insecure >out 2>err &
fetch=$!
wait_for 60 sh -c 'ls cache/scanfarm/*.part.from >/dev/null 2>&1 && [ "$(stat -c %s cache/scanfarm/*.part)" -gt 300000 ]' || fail "nothing is fetched: $(cat out err)"
kill -9 $fetch
wait $fetch 2>/dev/null
had=$(stat -c %s cache/scanfarm/*.part)
want 0 osv/PyPI feed update PyPI --from "http://127.0.0.1:$PORT/slow" --insecure
grep -q " 206 /slow/PyPI/all.zip bytes=$had-" access || fail "it began anew: $(cat access)"
row osv/PyPI "3000 3000 0 0"
[ -z "$(ls cache/scanfarm)" ] || fail "something stays in the cache: $(ls cache/scanfarm)"

# the file changed in between: what is there of the old one is no use
sql "UPDATE feed SET etag = '', last_modified = '' WHERE name = 'osv/PyPI'"
scanfarm feed update PyPI --from "http://127.0.0.1:$PORT/slow" --insecure >out 2>err &
fetch=$!
wait_for 60 sh -c 'ls cache/scanfarm/*.part.from >/dev/null 2>&1 && [ "$(stat -c %s cache/scanfarm/*.part)" -gt 300000 ]' || fail "nothing is fetched: $(cat out err)"
kill -9 $fetch
wait $fetch 2>/dev/null
rm big/B-0.json web/PyPI/all.zip
(cd big && zip -q ../web/PyPI/all.zip ./*.json)
want 0 osv/PyPI feed update PyPI --from "http://127.0.0.1:$PORT/slow" --insecure
row osv/PyPI "2999 0 0 1"

# the server goes away in mid-file and comes back: the same command goes on
sql "UPDATE feed SET etag = '', last_modified = '' WHERE name = 'osv/PyPI'"
scanfarm feed update PyPI --from "http://127.0.0.1:$PORT/slow" --insecure >out 2>err &
fetch=$!
wait_for 60 sh -c 'ls cache/scanfarm/*.part.from >/dev/null 2>&1 && [ "$(stat -c %s cache/scanfarm/*.part)" -gt 300000 ]' || fail "nothing is fetched: $(cat out err)"
web_stop
web_start
wait $fetch || fail "it gave up: $(cat out err)"
row osv/PyPI "2999 0 0 0"
grep -q " 206 /slow/PyPI/all.zip" access || fail "it began anew: $(cat access)"

# ------------------------------------------------------------- damaged documents --
# state FEED: what is stored of it
state() {
	sql "SELECT name, encode(digest, 'hex') FROM advisory WHERE feed = '$1' AND gone_at IS NULL ORDER BY 1"
}
# damaged FEED ZIP SEED: over what is there, and where nothing is
damaged() {
	python3 "$TOP/tests/lib/damage_zip.py" "$2" damaged.zip "$3" >hit || fail "nothing is damaged"
	state "$1" >before
	scanfarm feed import damaged.zip --ecosystem "${1#osv/}" >out 2>err
	[ $? -eq 4 ] || fail "$1 damaged: $(cat out err)"
	state "$1" >after
	[ "$(wc -l <before)" -eq "$(wc -l <after)" ] || fail "$1: $(wc -l <before) documents, with some damaged $(wc -l <after)"
	diff before after | sed -n 's/^[<>] \([^|]*\)|.*/\1/p' | LC_ALL=C sort -u | LC_ALL=C comm -23 - hit >lost
	[ ! -s lost ] || fail "$1: damage of others changed $(cat lost)"
	awk 'NR > 1 { print $2 + $5 }' out | grep -qx "$(wc -l <before)" || fail "$1: documents are not counted: $(cat out)"
	scanfarm feed import "$2" --ecosystem "${1#osv/}" >out 2>err || fail "$1 again: $(cat out err)"
	state "$1" | cmp -s - before || fail "$1 is not what it was before the damage"
	fresh=osv/fresh-${1#osv/}-$3
	scanfarm feed import damaged.zip --feed "$fresh" >out 2>err
	[ $? -eq 4 ] || fail "$1 damaged: $(cat out err)"
	# a damaged id is another document, so only who is missing counts
	state "$fresh" | sed 's/|.*//' | LC_ALL=C sort >fresh
	sed 's/|.*//' before | LC_ALL=C sort | LC_ALL=C comm -23 - fresh | LC_ALL=C sort | LC_ALL=C comm -23 - hit >lost
	[ ! -s lost ] || fail "$1, damaged at first: lost $(cat lost)"
}
for seed in 1 2 3; do damaged osv/PyPI web/PyPI/all.zip $seed; done
if [ -f "$SHARED/data/feeds/index.tsv" ]; then
	for e in Debian Go npm; do
		scanfarm feed import "$SHARED/data/feeds/osv/$e" --accept-missing >out 2>err || fail "import of $e: $(cat out err)"
		damaged "osv/$e" "$SHARED/data/feeds/osv/$e/all.zip" 4
	done
	# native ones, and again: nothing changes
	n=$SHARED/data/feeds/native
	for twice in 1 2; do
		for f in "$n"/alpine-secdb/*/*.json; do
			b=${f%.json}; b=${b#"$n/alpine-secdb/"}
			scanfarm feed import "$f" --feed "secdb/alpine-$(echo "$b" | tr / -)" --format tsv >out 2>err || fail "$f: $(cat out err)"
			sed 1d out
		done >native.$twice
		for f in "$n"/oval/*.xml.xz; do
			scanfarm feed import "$f" --feed "oval/$(basename "$f" .xml.xz)" --format tsv >out 2>err || fail "$f: $(cat out err)"
			sed 1d out
		done >>native.$twice
	done
	awk -F '\t' '{ d += $2 } $3 != 0 { print "changes " $0; bad = 1 } END { exit bad || d == 0 }' native.2 || fail "native feeds again"
	cut -f 1,2 native.2 >native.counts
	cut -f 1,2 native.1 | cmp -s - native.counts || fail "native feeds have other counts: $(diff native.1 native.2)"
fi

# -------------------------------------------------------- imports that are ended --
# a large feed, so that there is a middle
python3 - <<'PY'
import json, zipfile
with zipfile.ZipFile("many.zip", "w", zipfile.ZIP_DEFLATED) as z:
    for i in range(30000):
        z.writestr("M-%d.json" % i, json.dumps({"id": "M-%d" % i, "modified": "2026-01-01T00:00:00Z",
            "affected": [{"package": {"ecosystem": "npm", "name": "m%d" % i},
                "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.%d.0" % i}]}]}]}))
PY
middle() {
	wait_for 60 sh -c '[ -n "$(psql -XAtq -d "$(cat farm/database)" -c "SELECT 1 FROM pg_stat_activity WHERE application_name = '"'scanfarm import'"' AND backend_xid IS NOT NULL")" ]' || fail "no import runs"
}
scanfarm feed import many.zip --ecosystem npm >out 2>err &
import=$!
middle
kill -9 "$(farm_pids scanfarm-coordinator)"
wait $import
rc=$?
[ $rc -eq 3 ] || fail "an import whose coordinator is killed ends with status $rc: $(cat out err)"
wait_for 60 curl -sf -o /dev/null "$SCANFARM_URL/readyz" || fail "the coordinator did not come back"
[ "$(sql "SELECT count(*) FROM advisory WHERE name LIKE 'M-%'")" = 0 ] || fail "half an import is there"

scanfarm feed import many.zip --ecosystem npm >out 2>err &
import=$!
middle
sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'scanfarm import'" >/dev/null
wait $import
rc=$?
[ $rc -eq 3 ] || fail "an import whose connection ends has status $rc: $(cat out err)"

# no room: after some thousand rows the disk is full
sql "CREATE SEQUENCE rows_left; CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS \$\$
BEGIN IF nextval('rows_left') > 5000 THEN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END IF; RETURN NEW; END \$\$;
CREATE TRIGGER full_disk BEFORE INSERT ON advisory FOR EACH ROW EXECUTE FUNCTION full_disk()"
want 3 "could not extend file" feed import many.zip --ecosystem npm
sql "DROP TRIGGER full_disk ON advisory; DROP FUNCTION full_disk; DROP SEQUENCE rows_left"
[ "$(sql "SELECT count(*) FROM advisory WHERE name LIKE 'M-%'")" = 0 ] || fail "half an import is there"

want 0 osv/npm feed import many.zip --ecosystem npm --accept-missing
[ "$(sql "SELECT count(*) FROM advisory WHERE name LIKE 'M-%' AND gone_at IS NULL")" = 30000 ] || fail "the next import does not complete"
want 0 osv/npm feed import many.zip --ecosystem npm
row osv/npm "30000 0 0 0"

# one that is broken as a whole is told, and stays in the history
head -c 5000 many.zip >cut.zip
want 2 "osv/npm" feed import cut.zip --ecosystem npm
[ "$(sql "SELECT error <> '' FROM dashboard.feed WHERE name = 'osv/npm'")" = t ] || fail "a failed import leaves no word"
[ "$(sql "SELECT present || error <> '30000' FROM dashboard.feed_history WHERE feed = 'osv/npm' ORDER BY at DESC LIMIT 1")" = t ] || fail "not in the history"

wait_sql 300 "SELECT count(*) FROM advisory WHERE changed" 0
timeout 300 scanfarm audit --wait 250 >out 2>&1 || fail "the audit differs: $(cat out)"
farm_stop

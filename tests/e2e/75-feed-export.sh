#!/bin/sh
# Two farms, one of which has no way to the sources: what the one exports, whole and
# as deltas, signed by minisign's keys, makes the other one the same, byte for byte.
# What is not signed, changed, cut, older, or stands on something else is refused
# whole, and says what to do.
. "$(dirname "$0")/../lib/farm.sh"
. "$TOP/tests/lib/registry.sh"
command -v minisign >/dev/null || { echo "minisign is not installed"; exit 77; }
cd "$T" || exit 1
UP_B= _comma=
trap '[ -n "$UP_B" ] && kill -TERM "$UP_B" 2>/dev/null && wait "$UP_B" 2>/dev/null; cleanup' EXIT

b() {
	SCANFARM_URL=http://127.0.0.1:$PORT_B SCANFARM_TOKEN_FILE=$T/b/admin.token scanfarm "$@"
}
sql_b() {
	psql -XAtq -v ON_ERROR_STOP=1 -d "$(cat "$T/b/database")" -c "$1"
}
# want STATUS TEXT a|b WORDS...: farm a or b: the status, and TEXT in what it says
want() {
	_status=$1 _text=$2 _farm=$3
	shift 3
	if [ "$_farm" = b ]; then b "$@" >out 2>err; else scanfarm "$@" >out 2>err; fi
	_rc=$?
	[ $_rc -eq "$_status" ] || fail "$_farm: scanfarm $*: status $_rc, want $_status: $(head -n 5 out err)"
	cat out err | grep -qF -e "$_text" || fail "$_farm: scanfarm $*: no \"$_text\": $(head -n 5 out err)"
}
# All that a farm knows by advisories, without numbers and times of its own.
rows="SELECT feed, name, encode(digest, 'hex'), modified, withdrawn, summary, severity, cvss, md5(document), unmatched_entries
  FROM advisory WHERE gone_at IS NULL ORDER BY 1, 2;
SELECT a.feed, a.name, x.entry, x.namespace, x.name, x.lo, x.hi FROM affected x JOIN advisory a ON a.id = x.advisory_id ORDER BY 1, 2, 3, 4, 5, 6, 7;
SELECT * FROM kev ORDER BY 1; SELECT * FROM epss ORDER BY 1; SELECT * FROM content_set ORDER BY 1;
SELECT feed, namespace FROM feed_namespace ORDER BY 1, 2;
SELECT name, imported_at, documents, unmatched, malformed, malformed_names FROM feed ORDER BY 1;
SELECT p.name, p.version, v.name, f.status, f.severity, f.fixed_version, f.rule FROM finding f JOIN package p ON p.id = f.package_id
  JOIN vulnerability v ON v.id = f.vulnerability_id ORDER BY 1, 2, 3;
SELECT reference, verdict, critical, high, medium, low FROM dashboard.image ORDER BY 1"
# settled SQL: no advisory waits to be matched, no verdict to be given
settled() {
	_left=150
	while [ "$($1 "SELECT count(*) FROM advisory WHERE changed")$($1 "SELECT count(*) FROM image_state WHERE NOT matched")$($1 "SELECT count(*) FROM rejudge")" != 000 ]; do
		_left=$((_left - 1))
		[ $_left -gt 0 ] || fail "$1: not settled"
		sleep 0.2
	done
}
same_farms() {
	settled sql
	settled sql_b
	sql "$rows" >rows.a
	sql_b "$rows" >rows.b
	diff rows.a rows.b >rows.diff || fail "the farms differ: $(head -n 10 rows.diff)"
}
audit_b() {
	b audit --wait 60 >audit.out 2>&1 || fail "b: audit: $(cat audit.out)"
	grep -q "differ    0" audit.out || fail "b: the audit finds differences: $(cat audit.out)"
}

# document ID PACKAGE FIXED SEVERITY
document() {
	printf '{"id":"%s","aliases":["CVE-2026-%s"],"modified":"2026-01-01T00:00:00Z","summary":"%s","affected":[{"package":{"ecosystem":"Debian:12","name":"%s"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"%s"}]}],"ecosystem_specific":{"severity":"%s"},"database_specific":{"severity":"%s"}}]}' \
	    "$1" "${1#D-}" "$4 in $2" "$2" "$3" "$4" "$4"
}
feed_a() {
	rm -f feed/Debian/all.zip
	(cd feed/Debian && zip -q all.zip ./*.json)
	scanfarm feed import feed >import.out 2>&1 || [ $? -eq 4 ] || fail "a: feed import: $(cat import.out)"
}
mkdir -p feed/Debian npm
for i in $(seq 1 40); do document "D-$i" openssl "3.0.$i-1" LOW >"feed/Debian/D-$i.json"; done
document D-100 zlib1g 1.0-1 HIGH >feed/Debian/D-100.json
printf '{"id":"N-1","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"left-pad"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.3.1"}]}]}]}' >npm/N-1.json
(cd npm && zip -q all.zip N-1.json)

# Keys: one without a password, one with, one that nobody trusts.
minisign -G -W -p one.pub -s one.key >/dev/null || fail "minisign -G"
minisign -G -W -p other.pub -s other.key >/dev/null || fail "minisign -G"
printf 'correct horse\ncorrect horse\n' | minisign -G -p locked.pub -s locked.key >/dev/null 2>&1 || fail "minisign -G"
echo 'correct horse' >password
echo wrong >password.wrong

farm_start 1
PORT_B=$(free_port)
scanfarm up --data "$T/b" --http "127.0.0.1:$PORT_B" --workers 1 >>up.b.log 2>&1 &
UP_B=$!
wait_for 90 test -f "$T/b/ready" || fail "the second farm is not ready: $(tail -n 5 up.b.log)"

# The same image in both.
mkdir -p root/etc root/var/lib/dpkg
printf 'ID=debian\nVERSION_ID="12"\n' >root/etc/os-release
printf 'Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.0.20-1\n\n' >root/var/lib/dpkg/status
registry_image "$T/image" && umoci insert --rootless --image image:1 root / >/dev/null || fail "no image"
start_registry anonymous || fail "the registry did not start"
registry_push image:1 team/app:1 || fail push
feed_a
want 0 "osv/npm" a feed import --ecosystem npm npm/all.zip
printf '{"catalogVersion":"1","vulnerabilities":[{"cveID":"CVE-2026-0001","dateAdded":"2026-01-02","dueDate":"2026-02-01","knownRansomwareCampaignUse":"Known"},{"cveID":"CVE-2026-0002","dateAdded":"2026-01-03","knownRansomwareCampaignUse":"Unknown"}]}' >kev.json
printf '#model_version:v1\ncve,epss,percentile\nCVE-2026-0001,0.94321,0.99999\nCVE-2026-0002,0.00043,0.1\nCVE-2026-0003,1,1\n' >epss.csv
printf '{"data":{"rhel-9-for-x86_64-baseos-rpms":{"cpes":["cpe:/o:redhat:enterprise_linux:9::baseos"]},"empty":{"cpes":[]},"two":{"cpes":["cpe:/a:b","cpe:/c:d"]}}}' >repositories.json
for f in kev.json epss.csv repositories.json; do
	want 0 "" a feed import $f
done
for f in a b; do
	want 0 "" $f registry add mine --url "http://$REGISTRY" --insecure --poll 0
done
scanfarm scan "$REGISTRY/team/app:1" >out 2>err
[ $? -eq 0 ] || fail "a: the image should pass: $(cat out err)"
b scan "$REGISTRY/team/app:1" >out 2>err
[ $? -eq 4 ] || fail "b: an image without advisories should be unknown: $(cat out err)"

# Whole, signed: minisign verifies it; the other farm takes it from a key it knows.
want 0 "one.tar.zst" a feed export one.tar.zst --sign one.key
revision=$(sql "SELECT revision FROM farm")
minisign -Vm one.tar.zst -p one.pub >verify.out || fail "minisign does not verify what scanfarm signed"
grep -q "revision:$revision" verify.out || fail "the trusted comment names no revision: $(cat verify.out)"
tar --zstd -tf one.tar.zst >list || fail "tar does not read the export"
[ "$(head -n 1 list)" = scanfarm-export.json ] || fail "no manifest: $(cat list)"
tar --zstd -xOf one.tar.zst scanfarm-export.json | jq -e ".documents == 42 and .gone == 0 and .revision == $revision" >/dev/null ||
	fail "the manifest is wrong: $(tar --zstd -xOf one.tar.zst scanfarm-export.json)"
before=$(sql_b "$rows" | md5sum)
want 2 "no key is trusted" b feed import one.tar.zst
want 2 "not by key" b feed import one.tar.zst --trust other.pub
mv one.tar.zst.minisig kept
want 2 "not signed: export it with --sign" b feed import one.tar.zst
want 2 "no signature of minisign" b feed import one.tar.zst --signature one.pub --trust one.pub
minisign -S -s other.key -m one.tar.zst >/dev/null
want 2 "not by key" b feed import one.tar.zst --trust one.pub
mv kept one.tar.zst.minisig
cp one.tar.zst.minisig changed.tar.zst.minisig
python3 - <<'P'
data = bytearray(open("one.tar.zst", "rb").read())
data[len(data) // 2] ^= 1
open("changed.tar.zst", "wb").write(data)
open("cut.tar.zst", "wb").write(data[:len(data) // 2])
P
want 2 "the file or the signature was changed" b feed import changed.tar.zst --trust one.pub
want 2 "cannot be read" b feed import changed.tar.zst --unsigned
want 2 "cannot be read" b feed import cut.tar.zst --unsigned
[ "$(sql_b "$rows" | md5sum)" = "$before" ] || fail "what was refused left something behind"
want 0 "signed by key" b feed import one.tar.zst --trust one.pub
same_farms
audit_b
b scan "$REGISTRY/team/app:1" >out 2>err
[ $? -eq 0 ] || fail "b: the image should pass now: $(cat out err)"

want 0 "export    revision $revision of farm $(sql "SELECT uuid FROM farm")" b status

# Again: nothing changes, no row is written.
history=$(sql_b "SELECT max(revision) FROM feed_history")
want 0 "all of it was here already" b feed import one.tar.zst --trust one.pub
[ "$(sql_b "SELECT max(revision) FROM feed_history")" = "$history" ] || fail "an import of the same gave a revision"
same_farms
want 2 "this farm exported that file itself" a feed import one.tar.zst --trust one.pub

# A delta: one changed, two new, one gone.  Signed by a key with a password, which the
# farm trusts of its own.
want 2 "has a password" a feed export delta.tar.zst --since "$revision" --sign locked.key </dev/null
want 2 "wrong password" a feed export delta.tar.zst --since "$revision" --sign locked.key --password-file password.wrong
[ ! -e delta.tar.zst ] || fail "an export that failed left its file"
document D-1 openssl 4 CRITICAL >feed/Debian/D-1.json
printf 'cve,epss\nCVE-2026-0001,0.5\nCVE-2026-0003,0.00001\nCVE-2026-0004,0\n' >epss.csv
want 0 "" a feed import epss.csv --accept-missing
document D-41 openssl 4 LOW >feed/Debian/D-41.json
document D-42 nothing 4 LOW >feed/Debian/D-42.json
rm feed/Debian/D-2.json
feed_a
want 0 "delta.tar.zst" a feed export delta.tar.zst --since "$revision" --sign locked.key --password-file password
minisign -Vm delta.tar.zst -p locked.pub >/dev/null || fail "minisign does not verify a delta"
tar --zstd -xOf delta.tar.zst scanfarm-export.json | jq -e ".documents == 3 and .gone == 1 and .since == $revision" >/dev/null ||
	fail "the delta's manifest is wrong: $(tar --zstd -xOf delta.tar.zst scanfarm-export.json)"
mkdir -p b/trust
cp locked.pub b/trust/central.pub
chown -R --reference=b/admin.token b/trust
want 2 "none of the keys" b feed import one.tar.zst --trust one.pub
want 2 "this farm takes only what keys" b feed import delta.tar.zst --unsigned
want 2 "feed epss" b feed import delta.tar.zst
want 0 "signed by key" b feed import delta.tar.zst --accept-missing
same_farms
audit_b
for f in a b; do
	if [ $f = a ]; then scanfarm scan "$REGISTRY/team/app:1" >out 2>err; else b scan "$REGISTRY/team/app:1" >out 2>err; fi
	[ $? -eq 1 ] || fail "$f: the image should fail: $(cat out err)"
done
want 0 "all of it was here already" b feed import delta.tar.zst
rm -r b/trust

# Older than what is there; a gap; a delta for a farm that another import changed.
want 2 "older than" b feed import one.tar.zst --trust one.pub
document D-43 nothing 4 LOW >feed/Debian/D-43.json
feed_a
document D-44 nothing 4 LOW >feed/Debian/D-44.json
feed_a
now=$(sql "SELECT revision FROM farm")
want 0 "" a feed export gap.tar.zst --since $((now - 1))
want 2 "export there with --since $((now - 2))" b feed import gap.tar.zst --unsigned
want 2 "has not come to revision" a feed export never.tar.zst --since $((now + 1))
want 0 "" a feed export good.tar.zst --since $((now - 2))
want 0 "" b feed import --ecosystem Debian feed/Debian/D-42.json
document D-42 other 4 LOW >D-42.json
want 0 "" b feed import --ecosystem Debian D-42.json
want 2 "is not what the delta stands on" b feed import good.tar.zst --unsigned
want 0 "" a feed export whole.tar.zst
want 0 "not signed" b feed import whole.tar.zst --unsigned
same_farms
audit_b

# A whole export that lacks too much is held back, all of it.
rm feed/Debian/D-1?.json feed/Debian/D-2?.json
rm -f feed/Debian/all.zip
(cd feed/Debian && zip -q all.zip ./*.json)
want 0 "" a feed import feed --accept-missing
want 0 "" a feed export less.tar.zst
want 2 "--accept-missing withdraws them" b feed import less.tar.zst --unsigned
want 0 "" b feed import less.tar.zst --unsigned --accept-missing
same_farms
audit_b

# What is kept of a release that left its feed travels too, and goes when it is removed.
tracker() {
	for r in "$@"; do
		printf '%s"%s":{"status":"open","repositories":{"%s":"1"},"urgency":"low"}' "$_comma" "$r" "$r"
		_comma=,
	done >releases
	_comma=
	printf '{"bash":{"CVE-2026-0001":{"releases":{%s}}}}' "$(cat releases)" >tracker.json
	want 0 "" a feed import tracker.json --feed debian_tracker/debian
}
kept="frozen/debian_tracker/debian Debian:11"
tracker bullseye bookworm
want 0 "" a feed export both.tar.zst
want 0 "" b feed import both.tar.zst --unsigned
now=$(sql "SELECT revision FROM farm")
tracker bookworm
[ "$(sql "SELECT documents FROM dashboard.feed WHERE name = '$kept'")" = 1 ] || fail "nothing is kept of Debian 11: $(sql 'TABLE dashboard.feed')"
want 0 "" a feed export left.tar.zst --since "$now"
want 0 "$kept" b feed import left.tar.zst --unsigned
same_farms
audit_b
want 0 "" a feed export whole.tar.zst
want 0 "all of it was here already" b feed import whole.tar.zst --unsigned
now=$(sql "SELECT revision FROM farm")
want 0 "removed: 1 documents" a feed remove "$kept"
want 0 "" a feed export without.tar.zst --since "$now"
want 0 "" b feed import without.tar.zst --unsigned
same_farms
audit_b
for f in a b; do
	want 0 debian_tracker/debian $f feed list
	! grep -q frozen out || fail "$f: what was removed is listed: $(cat out)"
done

# No secret in the logs.
! grep -q "correct horse" up.log up.b.log || fail "the password is in a log"
kill -TERM "$UP_B"
wait "$UP_B" || fail "the second farm ended with status $?"
UP_B=
farm_stop

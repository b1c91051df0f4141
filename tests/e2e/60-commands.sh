#!/bin/sh
# The commands of a farm against a farm: feeds imported and fetched, registries
# asked, images scanned, waited for, listed by vulnerability page by page; and
# what they say when the token is wrong or the farm goes away in between.
. "$(dirname "$0")/../lib/farm.sh"
. "$TOP/tests/lib/registry.sh"
cd "$T" || exit 1
HELPERS=
trap 'for p in $HELPERS; do kill $p 2>/dev/null; done; cleanup' EXIT

# want STATUS TEXT WORDS...: the status, and TEXT in what it says
want() {
	_status=$1 _text=$2
	shift 2
	timeout 120 scanfarm "$@" >out 2>err
	_rc=$?
	[ $_rc -eq "$_status" ] || fail "scanfarm $*: status $_rc, want $_status: $(head -n 5 out err)"
	cat out err | grep -qF -e "$_text" || fail "scanfarm $*: no \"$_text\": $(head -n 5 out err)"
}
api() {
	curl -sS -H "Authorization: Bearer $(cat "$SCANFARM_TOKEN_FILE")" "$SCANFARM_URL/api/v1/$1"
}

# Advisories: one that applies, one that will, one that is no document.
advisory() {	# ID ALIAS NAME FIXED
	printf '{"id":"%s","aliases":["%s"],"modified":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"Debian:12","name":"%s"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"%s"}]}],"ecosystem_specific":{"severity":"HIGH"},"database_specific":{"severity":"HIGH"}}]}' \
	    "$1" "$2" "$3" "$4"
}
mkdir -p osv/Debian odd/Debian bad/Debian docs
advisory DSA-1-1 CVE-2024-0001 openssl 3.0.11-1 >docs/DSA-1-1.json
advisory DSA-2-1 CVE-2024-0002 nothing 2 >docs/DSA-2-1.json
printf '{' >docs/BROKEN-1.json
(cd docs && zip -q ../osv/Debian/all.zip DSA-1-1.json DSA-2-1.json && zip -q ../odd/Debian/all.zip DSA-1-1.json BROKEN-1.json)
head -c 3000 /dev/urandom >bad/Debian/all.zip

# Two roots: a vulnerable one, and its update.
root() {	# DIR VERSION
	mkdir -p "$1/etc" "$1/var/lib/dpkg"
	printf 'ID=debian\nVERSION_ID="12"\n' >"$1/etc/os-release"
	printf 'Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: %s\n\n' "$2" >"$1/var/lib/dpkg/status"
}
image() {	# LAYOUT ROOT ARCH
	umoci init --layout "$1" && umoci new --image "$1:1" &&
	    umoci config --image "$1:1" --architecture "$3" &&
	    umoci insert --rootless --image "$1:1" "$2" / >/dev/null
}
root old 3.0.9-1 && root new 3.0.11-1
image old.oci old amd64 && image new.oci new arm64 || fail "no images"
start_registry anonymous || fail "the registry did not start"
OPEN=$REGISTRY
for n in 1 2 3 4 5; do
	registry_push old.oci:1 team/app-$n:1 || fail push
done
registry_push old.oci:1 team/multi:amd64 && registry_push new.oci:1 team/multi:arm64 || fail push
child() {	# TAG ARCH: its descriptor in an index
	curl -sS -H 'Accept: application/vnd.oci.image.manifest.v1+json' -D head "http://$OPEN/v2/team/multi/manifests/$1" -o body
	printf '{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":%s,"platform":{"os":"linux","architecture":"%s"}}' \
	    "$(sha256sum body | cut -c -64)" "$(wc -c <body)" "$2"
}
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[%s,%s]}' \
    "$(child amd64 amd64)" "$(child arm64 arm64)" >index.json
registry_put team/multi both index.json application/vnd.oci.image.index.v1+json || fail "no index"
CHILD=$(child amd64 amd64)
{	# one child more than the limit
	printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[%s' "$CHILD"
	for n in $(seq 1000); do printf ',%s' "$CHILD"; done
	printf ']}'
} >many.json
registry_put team/multi many many.json application/vnd.oci.image.index.v1+json || fail "no large index"

farm_start 1
want 0 "no advisories yet" feed list
want 2 "name ecosystems" feed update
want 0 "no registry yet" registry list
want 2 "no registry yet" registry check
want 2 "no advisory of the farm speaks of" affected CVE-2024-0001

# ------------------------------------------------------------------- feeds --
want 0 "osv/Debian" feed import osv
grep -q '^osv/Debian *2  *2  *0  *0 ' out || fail "import tells $(cat out)"
grep -qx 'osv/Debian: importing' err || fail "no plain line of progress: $(cat err)"
want 4 "malformed: BROKEN-1.json" feed import odd
want 2 "no document could be read" feed import bad
want 2 "no document could be read" feed import bad/Debian/all.zip
want 2 "that is no feed's name" feed import docs/DSA-1-1.json --ecosystem '<b>'
want 2 "say --ecosystem" feed import docs/DSA-1-1.json
want 2 "holds no <ECOSYSTEM>/all.zip" feed import docs
# documents of another kind in a folder: what to do is said, and does
mkdir csaf && cp "$TOP/tests/coordinator/matcher/feed/csaf/cve-2026-0968.in" csaf/cve-2026-0968.json || fail "no CSAF"
want 2 "tar -cf all.tar -C csaf . " feed import csaf --feed csaf/suse
tar -cf all.tar -C csaf .
want 0 "csaf/suse" feed import all.tar --feed csaf/suse
want 0 "csaf/suse removed: 1 documents" feed remove csaf/suse
# what a statement names and no package is called
cp "$TOP/tests/coordinator/matcher/feed/openvex/binaries.in" binaries.json || fail "no OpenVEX"
want 0 "openvex/ours: 1 products match nothing" feed import binaries.json --feed openvex/ours
want 0 "openvex/ours removed: 1 documents" feed remove openvex/ours
mkfifo fifo
want 2 "is no file" feed import fifo --ecosystem Debian
want 2 "is no file" feed import /dev/zero --ecosystem Debian
truncate -s 5G huge
want 2 "larger than the 4 GiB" feed import huge --ecosystem Debian
[ "$(sql "SELECT documents || ' ' || (SELECT count(*) FROM dashboard.feed) FROM dashboard.feed")" = "2 1" ] || fail "a bad upload left its mark: $(sql 'TABLE feed')"
want 0 '"documents": 2, "malformed": 1' feed list --format json

python3 -u -m http.server --bind 127.0.0.1 --directory osv 0 >web.log 2>&1 &
HELPERS="$HELPERS $!"
wait_for 20 grep -q 'port [0-9]' web.log || fail "no web server"
WEB=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' web.log | head -n 1)
want 0 "osv/Debian" feed update --from "http://127.0.0.1:$WEB" --insecure
want 0 "osv/Debian" feed update Debian --from "http://127.0.0.1:$WEB" --insecure
want 2 "no such ecosystem" feed update Nope --from "http://127.0.0.1:$WEB" --insecure
want 2 "http needs --insecure" feed update Debian --from "http://127.0.0.1:$WEB"
want 3 "connect" feed update Debian --from http://127.0.0.1:1 --insecure
want 2 "no http or https URL" feed update Debian --from nonsense

# -------------------------------------------------------------- registries --
want 0 "webhook" registry add open --url "http://$OPEN" --insecure
want 2 "there already" registry add open --url "http://$OPEN" --insecure
want 2 "add --insecure" registry add plain --url "http://$OPEN"
want 2 "no registry URL" registry add plain --url nonsense
want 2 "1 to 63 characters" registry add 'Not/Good' --url https://r.example
want 0 "so can its catalog" registry check open
want 2 "no registry \"nope\"" registry check nope
want 2 "no registry \"nope\"" registry remove nope
add() {
	scanfarm registry add "$@" --insecure --poll 0 >out 2>err || fail "registry add $*: $(cat err)"
}
start_registry basic || fail "the registry did not start"
printf %s pass-word-42 >right
printf %s wrong >wrong
chmod 644 right wrong
add right --url "http://$REGISTRY" --user test --password-file "$T/right"
grep -q 'registry right added; its catalog is never read' out || fail "a catalog that nobody polls: $(cat out)"
add wrong --url "http://$REGISTRY" --user test --password-file "$T/wrong"
add stranger --url "http://$REGISTRY"
add refused --url http://127.0.0.1:1
add unnamed --url http://host.invalid
add web --url "http://127.0.0.1:$WEB"
add tls --url "https://$OPEN"
want 0 "basic" registry check right
want 2 "refuses this user and password" registry check wrong
want 2 "username and password" registry check stranger
want 3 "connect" registry check refused
want 3 "resolve" registry check unnamed
want 3 "SSL" registry check tls
want 2 "not_a_registry" registry check web
want 3 "so can its catalog" registry check --format tsv
[ "$(cut -f 1,3 out | tr '\t\n' ': ')" = "name:state open:ok refused:temporary right:ok stranger:denied tls:temporary unnamed:temporary web:not_a_registry wrong:denied " ] ||
	fail "registry check of all: $(cat out)"
for r in right wrong stranger refused unnamed web tls; do
	want 0 removed registry remove $r
done

# ------------------------------------------------------- images, platforms --
want 1 "CVE-2024-0001 in openssl 3.0.9-1: high, fixed in 3.0.11-1" scan "$OPEN/team/app-1:1"
want 1 "fail" scan open/team/multi:both
want 1 "fail" report open/team/multi:both
want 1 "amd64" scan open/team/multi:both --platform amd64 --format json
want 0 "pass" scan open/team/multi:both --platform linux/arm64
# why, and why not: in the farm and without one the same words
want 1 "0 <= 3.0.9-1 < 3.0.11-1, the version that fixes it (order deb)" report open/team/app-1:1 --explain
for id in "" CVE-2024-0001 dsa-1-1 DSA-1-1 CVE-2024-0002 CVE-1999-0001; do
	for f in table json; do
		scanfarm report open/team/app-1:1 --explain $id --format $f >farm.out 2>err || [ $? = 1 ] || fail "report --explain $id: $(cat err)"
		scanfarm scan oci:old.oci:1 --feed osv --explain $id --format $f >local.out 2>err || [ $? = 1 ] || fail "scan --explain $id: $(cat err)"
		if [ $f = json ]; then
			jq '.images[0].explanation | del(.. | .feed?)' farm.out >a && jq '.images[0].explanation | del(.. | .feed?)' local.out >b || fail "no JSON: $(cat farm.out)"
		else
			sed '1,/^$/d;s/ of feed [^ ,]*//' farm.out >a
			sed '1,/^$/d' local.out >b
		fi
		[ -s a ] && diff a b >difference || fail "--explain $id: farm and local differ: $(cat difference)"
	done
done
want 1 "found in  var/lib/dpkg/status by dpkg, layer 0 sha256:" report open/team/app-1:1 --explain CVE-2024-0001
want 1 "no package of this image is named by the 1 advisory about it" report open/team/app-1:1 --explain CVE-2024-0002
want 1 "no advisory speaks of it" report open/team/app-1:1 --explain CVE-1999-0001
want 0 "DSA-1-1: 3.0.11-1 >= 3.0.11-1, the version that fixes it (order deb)" report open/team/multi:both --platform arm64 --explain CVE-2024-0001
want 2 "is no table" report open/team/app-1:1 --explain --format tsv
want 2 "one vulnerability" report open/team/app-1:1 --explain=CVE-1 CVE-2
[ "$(curl -s -o /dev/null -w '%{http_code}' "$SCANFARM_URL/api/v1/images/sha256:00/explanation")" = 401 ] || fail "explanations for everybody"
want 2 "for platform s390x" report open/team/multi:both --platform s390x
want 2 "is no platform" report open/team/multi:both --platform a/b/c/d
want 4 "limit" scan open/team/multi:many
want 4 "" report open/team/multi:many
want 0 "pass" scan "$OPEN/team/app-1:1" --fail-on critical
! grep -q because out || fail "a pass with reasons to fail: $(cat out)"
want 1 "because CVE" scan "$OPEN/team/app-1:1" --fail-on low --only-fixed
want 2 "none:1" scan "$OPEN/team/none:1"
want 1 "because CVE" scan "$OPEN/team/app-1:none@$(sql "SELECT digest FROM dashboard.image WHERE reference = 'open/team/app-1:1'")"
want 2 "no registry of the farm has that host" scan other.example/a:1
want 1 "no registry of the farm" scan "$OPEN/team/app-1:1" other.example/a:1
want 2 "no registry of the farm" scan open/team/multi:arm64 other.example/a:1 --format json
[ "$(jq -r '.images[] | .ref + " " + (.verdict // "none") + " " + (.error // "-")' out | head -n 2 | tr '\n' ,)" = \
    "open/team/multi:arm64 pass -,other.example/a:1 none no registry of the farm has that host: scanfarm registry add NAME --url https://HOST," ] ||
	fail "scan's JSON: $(cat out)"
want 0 "asked for" scan open/team/multi:arm64 --no-wait

# KEV and EPSS, as files are called that people fetched, beside the findings
printf '{"catalogVersion":"1","vulnerabilities":[{"cveID":"CVE-2024-0001","dateAdded":"2024-02-01","dueDate":"2024-02-22","knownRansomwareCampaignUse":"Known"}]}' >osv/kev.json
printf '#model_version:v1,score_date:2024-10-25\ncve,epss,percentile\nCVE-2024-0001,0.94463,0.9991\nCVE-2024-0002,2,2\n' | gzip >osv/epss.csv.gz
want 0 "kev   1          1" feed import osv/kev.json
want 4 "malformed: epss line 4: epss is no number" feed import osv/epss.csv.gz
want 0 "kev   1          0" feed import osv/kev.json --feed kev
want 0 "model_version:v1,score_date:2024-10-25" feed list
want 2 "no feed's name" feed import osv/kev.json --feed kev/mine
want 1 "1 known exploited" report open/team/app-1:1
grep -q '^high  *CVE-2024-0001 .*KEV 0.945$' out || fail "report marks no finding: $(cat out)"
want 0 '"kev": true, "kev_due": "2024-02-22", "kev_ransomware": true, "epss": 0.94463, "epss_percentile": 0.99910' affected CVE-2024-0001 --format json
for f in "$OPEN/team/app-1:1" "oci:old.oci:1 --feed osv"; do
	want 0 pass scan $f --fail-on critical
	want 1 "because CVE-2024-0001 in openssl 3.0.9-1: high, known exploited, fixed in" scan $f --fail-on critical --fail-on-kev
done
printf 'type\tname\tversion\ndeb\topenssl\t3.0.9-1\n' >packages.tsv
want 4 "true	2024-02-22	true	0.94463	0.99910" match --packages packages.tsv --feed osv --distro debian:12 --format tsv

# what a vendor says of an issue; an unimportant one only when asked for
printf '{"openssl":{"CVE-2024-0011":{"releases":{"bookworm":{"status":"open","repositories":{"bookworm":"3.0.9-1"},"urgency":"unimportant"}}},"CVE-2024-0012":{"releases":{"bookworm":{"status":"open","repositories":{"bookworm":"3.0.9-1"},"urgency":"low","nodsa":"x","nodsa_reason":"ignored"}}}}}' >osv/tracker.json
want 0 "debian_tracker/debian" feed import osv/tracker.json --feed debian_tracker/debian
wait_sql 60 "SELECT count(*) FROM dashboard.finding WHERE reason <> '' AND repository = 'team/app-1'" 2
for f in "report open/team/app-1:1" "scan oci:old.oci:1 --feed osv"; do
	scanfarm $f >out 2>err
	grep -q '^low  *CVE-2024-0012 .* will_not_fix (ignored) ' out || fail "$f: no reason: $(cat out)"
	grep -q CVE-2024-0011 out && fail "$f: unimportant is shown: $(cat out)"
	grep -q '1 that do not count: --all' out || fail "$f: hides in silence: $(cat out)"
	scanfarm $f --all >out 2>err
	grep -q '^negligible  *CVE-2024-0011 .* affected (unimportant) ' out || fail "$f --all: not shown: $(cat out)"
done

# local and farm: one shape
scanfarm scan open/team/app-1:1 --format json --output farm.json; scanfarm scan oci:old.oci:1 --feed osv --format json --output local.json
q='.images[0] | [.verdict, .packages, .reasons, (.findings | map({vulnerability, severity, status, type, name, version, fixed_version, layer, advisory, kev, kev_due, kev_ransomware, epss, epss_percentile, reason, fix_state, severity_upstream}))]'
[ "$(jq -S "$q" farm.json)" = "$(jq -S "$q" local.json)" ] || fail "farm and local differ: $(jq -c "$q" farm.json local.json)"
for f in "open/team/app-1:1" "oci:old.oci:1 --feed osv"; do
	scanfarm scan $f --format tsv 2>err | sed 's/^[^\t]*//' >"tsv.${f%%[:/]*}"
done
cmp tsv.open tsv.oci || fail "their TSV differs"

# ------------------------------------------------------- affected, by pages --
wait_sql 60 "SELECT count(*) FROM dashboard.image WHERE verdict IS NULL" 0
want 0 "open/team/multi:amd64" affected CVE-2024-0001 --format tsv
[ "$(sed 1d out | cut -f 1 | tr '\n' ' ')" = "open/team/app-1:1 open/team/app-2:1 open/team/app-3:1 open/team/app-4:1 open/team/app-5:1 open/team/multi:amd64 " ] ||
	fail "affected: $(cat out)"
sed 1d out | LC_ALL=C sort -c || fail "affected's rows are not sorted"
sed 1d out | cut -f 1 | sort -u >want.refs
for limit in 1 2 5000; do
	after= n=0
	: >got.refs
	while :; do
		api "vulnerabilities/DSA-1-1/images?limit=$limit&after=$after" >page
		jq -r '.images[].reference' page >>got.refs
		[ "$(jq '.images | length' page)" -le $limit ] || fail "a page above its limit: $(cat page)"
		after=$(jq -r '.next // "" | @uri' page)
		n=$((n + 1))
		[ -n "$after" ] || break
		[ $n -lt 50 ] || fail "the pages do not end"
	done
	[ "$(sort got.refs | uniq -d)" = "" ] || fail "pages repeat rows: $(cat got.refs)"
	sort got.refs | cmp - want.refs || fail "pages of $limit: $(cat got.refs)"
	[ $limit != 1 ] || [ $n -eq "$(wc -l <want.refs)" ] || fail "pages of 1: $n"
done
for wrong in limit=0 limit=x limit=5001 after=x after=1.2 after=1.2.x.y after=99999999999999999999.1.1.a 'after=1.1.1.%ff'; do
	api "vulnerabilities/DSA-1-1/images?$wrong" | grep -q error || fail "$wrong is taken"
done
want 0 "CVE-2024-0001" affected DSA-1-1
want 0 "reference" affected CVE-2024-0002
want 2 "speaks of" affected 'CVE-2024-0001/../..'

want 2 "remove wants one FEED" feed remove
want 2 'no feed "osv/never"' feed remove osv/never
want 2 "another import replaces it" feed remove kev
want 0 "feed debian_tracker/debian removed: 2 documents are withdrawn" feed remove debian_tracker/debian
wait_sql 60 "SELECT count(*) FROM dashboard.finding WHERE reason <> '' AND repository = 'team/app-1'" 0
scanfarm feed list >out 2>err
grep -q tracker out && fail "a feed that was removed is listed: $(cat out)"

# the farm's own policy
want 0 "high     false       false" policy show
want 2 "no severity" policy set --fail-on bad
want 2 "wants yes or no" policy set --only-fixed maybe
want 2 "set wants" policy set
want 2 "belongs to set" policy show --fail-on high
want 0 '"fail_on": "critical", "only_fixed": "false", "fail_on_kev": "false", "max_feed_age_s": 7200' policy set --fail-on critical --max-feed-age 2 --format json
wait_sql 60 "SELECT verdict FROM dashboard.image WHERE repository = 'team/app-1'" pass
# all platforms pass by it, and the farm shows any: who has another policy has it for all of them
root late 3.0.9-1 && echo late >late/etc/late && image late.oci late amd64 || fail "no root"
(REGISTRY=$OPEN REGISTRY_USER= REGISTRY_PASSWORD=
    registry_push late.oci:1 team/multi:late &&
    printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[%s,%s]}' \
	"$(child arm64 arm64)" "$(child late amd64)" >index.json &&
    registry_put team/multi late-both index.json application/vnd.oci.image.index.v1+json) || fail "no index"
want 0 pass scan open/team/multi:late-both
want 1 "because CVE-2024-0001 in openssl 3.0.9-1: high" scan open/team/multi:late-both --fail-on high
want 0 pass scan open/team/multi:late-both --fail-on high --platform arm64
want 0 "high     true        false" policy set --fail-on high --only-fixed yes --max-feed-age 0
wait_sql 60 "SELECT verdict FROM dashboard.image WHERE repository = 'team/app-1'" fail
want 0 "" policy set --only-fixed no
[ "$(sql "SELECT count(*) FROM audit WHERE action = 'policy set'")" = 3 ] || fail "not in the audit table: $(sql 'TABLE audit')"

# a language without advisories passes, with a word
root py 3.0.11-1 && mkdir -p py/usr/lib/python3/dist-packages/flask-1.0.dist-info || fail "no root"
printf 'Metadata-Version: 2.1\nName: flask\nVersion: 1.0\n' >py/usr/lib/python3/dist-packages/flask-1.0.dist-info/METADATA
image py.oci py amd64 && (REGISTRY=$OPEN REGISTRY_USER= REGISTRY_PASSWORD=; registry_push py.oci:1 team/py:1) || fail "no image"
for f in "$OPEN/team/py:1" "oci:py.oci:1 --feed osv"; do
	want 0 "note: 1 pypi packages of PyPI: no advisories for them" scan $f
	want 0 pass scan $f --format json
	[ "$(jq -r '.images[0].notes | map(select(test("pypi"))) | length' out)" = 1 ] || fail "no note in JSON: $(cat out)"
done
want 0 "note: 1 pypi packages of PyPI: no advisories for them" report open/team/py:1
curl -s "$SCANFARM_URL/images/$(sql "SELECT digest FROM dashboard.image WHERE repository = 'team/py'")" | grep -q "1 pypi packages of PyPI" || fail "no note on the page"

# ------------------------------------------------------------- hard times --
echo wrong >token
want 2 "administrator's token" status --token-file token
want 2 "administrator's token" feed import osv --token-file token
want 2 "is it a scanfarm coordinator?" status --farm "http://$OPEN"
want 2 "is it a scanfarm coordinator?" status --farm "http://127.0.0.1:$WEB"

# a registry that takes connections and says nothing
python3 -c 'import socket, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(20)
print(s.getsockname()[1], flush=True); time.sleep(600)' >mute.port &
HELPERS="$HELPERS $!"
wait_for 20 test -s mute.port || fail "no mute server"
add mute --url "http://127.0.0.1:$(cat mute.port)"
want 3 "has no verdict after" scan mute/a:1 --timeout 2
want 3 "has no verdict after" scan mute/a:1 open/team/multi:arm64 --timeout 2
want 2 "does not know" report mute/a:1 --wait --timeout 2

# a farm that answers half of what it promised
python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(20)
print(s.getsockname()[1], flush=True)
while True:
	c = s.accept()[0]; c.recv(65536)
	c.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"images\":["); c.close()' >half.port &
HELPERS="$HELPERS $!"
wait_for 20 test -s half.port || fail "no half server"
for w in status "feed list" "registry list" "registry check" "report a/b:1" "affected CVE-1" "scan a/b:1 --no-wait" "feed import osv"; do
	want 3 "127.0.0.1:$(cat half.port)" $w --farm "http://127.0.0.1:$(cat half.port)"
done

# the farm ends while somebody waits, and comes back
scanfarm scan mute/b:1 --timeout 120 >waiting.out 2>waiting.err &
waiting=$!
sleep 1
farm_stop
want 3 "is the farm running there?" status
sleep 3	# more than the time between two of its questions
farm_start 1
sleep 3
kill -0 $waiting || fail "the waiting command gave up: $(cat waiting.err)"
kill $waiting
wait $waiting 2>/dev/null

# ----------------------------------------------------- the team's own data --
SHARED=${SHARED:-$TOP/../shared}
if [ -f "$SHARED/data/feeds/index.tsv" ]; then
	want 0 "osv/PyPI" feed import "$SHARED/data/feeds/osv" --format tsv
	sed 1d out | cut -f 1,2,5 >got
	awk -F '\t' -v OFS='\t' 'NR > 1 { print "osv/" $1, $2, 0 }' "$SHARED/data/feeds/index.tsv" | LC_ALL=C sort | cmp - got ||
		fail "the counts of index.tsv: $(cat got)"
	# another import of the same changes nothing
	want 0 "osv/PyPI" feed import "$SHARED/data/feeds/osv" --format tsv
	[ -z "$(sed 1d out | cut -f 3 | grep -vx 0)" ] || fail "the second import changes something: $(cat out)"
fi
farm_stop

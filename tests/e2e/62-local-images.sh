#!/bin/sh
# inventory, compare and match against what the distributions' own tools and
# databases say: one root in all its wrappings, the machine itself, a root by
# mmdebstrap, and the team's fixtures, vectors and feeds where they are at hand.
set -u
TOP=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=${BUILD:-$TOP/build}
PATH=$BUILD:$PATH
SHARED=${SHARED:-$TOP/../shared}
T=$(mktemp -d "${TMPDIR:-/tmp}/sf-local.XXXXXX") || exit 1
churn=
trap '[ -n "$churn" ] && kill $churn; rm -rf "$T"' EXIT
cd "$T" || exit 1
export LC_ALL=C
TAB=$(printf '\t')

fail() {
	echo "FAIL: $*"
	exit 1
}
# packages TYPE FILE: name version arch source_name source_version of a listing
packages() {
	awk -F '\t' -v OFS='\t' -v t="$1" 'NR > 1 && $2 == t { print $3, $4, $5, $6, $7 }' "$2" | sort
}
# dpkg_says [ROOT]: the same of the installed packages by dpkg-query
dpkg_says() {
	dpkg-query ${1:+--admindir="$1/var/lib/dpkg"} -W -f '${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\n' 2>/dev/null |
	    sed -n "s/^installed$TAB//p" | sort
}
# same WHAT A B
same() {
	diff "$2" "$3" >difference || fail "$1: $(head -n 10 difference)"
	[ -s "$2" ] || fail "$1: nothing to compare"
}
# same_rows WHAT A B: of listings; the layer has another name in each wrapping
same_rows() {
	cut -f -10 "$2" >a.rows; cut -f -10 "$3" >b.rows
	same "$1" a.rows b.rows
}
# wrappings ROOT: the folder as a layer (plain, gzip, zstd), a layout, an archive
wrappings() {
	scanfarm inventory "$1" --format tsv >root.tsv 2>root.err || fail "inventory $1: $(cat root.err)"
	rm -rf w w.oci w.tar*
	tar -C "$1" -cf w.tar . && gzip -1kf w.tar && zstd -qkf w.tar || fail "no tar of $1"
	for f in w.tar w.tar.gz w.tar.zst; do
		scanfarm inventory $f --format tsv >got.tsv 2>err || fail "inventory $f: $(cat err)"
		same_rows "$1 as $f" root.tsv got.tsv
	done
	umoci init --layout w.oci && umoci new --image w.oci:1 && umoci insert --rootless --image w.oci:1 "$1" / >/dev/null ||
		fail "no layout of $1"
	scanfarm inventory w.oci --format tsv >got.tsv 2>err || fail "inventory w.oci: $(cat err)"
	same_rows "$1 as a layout" root.tsv got.tsv
	scanfarm inventory w.oci --format json | jq -e 'all(.layer | test("^sha256:[0-9a-f]{64}$")) and all(.found_by != "" and .origin != "")' >/dev/null ||
		fail "no evidence beside the packages of a layout"
	skopeo --insecure-policy copy -q oci:w.oci:1 docker-archive:w.save.tar:x/y:1 || fail "no archive of $1"
	for ref in w.save.tar w.save.tar:1; do
		scanfarm inventory $ref --format tsv >got.tsv 2>err || fail "inventory $ref: $(cat err)"
		same_rows "$1 as $ref" root.tsv got.tsv
	done
	rm -rf w.oci w.tar* w.save.tar
}

# ---------------------------------------------------------- a root of our own --
mkdir -p own/etc own/var/lib/dpkg own/lib/apk/db own/usr/lib/python3/dist-packages/a.dist-info
printf 'ID=debian\nVERSION_ID="12"\n' >own/etc/os-release
cat >own/var/lib/dpkg/status <<'D'
Package: libssl3
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Source: openssl (3.0.9-1)
Version: 3.0.9-1+b2

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1

Package: half
Status: install ok half-configured
Architecture: all
Version: 1:2-3

Package: held
Status: hold ok installed
Architecture: all
Source: other
Version: 2:1.0~rc1-1
D
printf 'P:musl\nV:1.2.3-r4\nA:x86_64\no:musl-src\n\n' >own/lib/apk/db/installed
printf 'Metadata-Version: 2.1\nName: A_Name\nVersion: 1.0.post1\n\nVersion: 9\n' >own/usr/lib/python3/dist-packages/a.dist-info/METADATA
wrappings own
grep -q "note: 1 packages that are not wholly installed" root.err || fail "half is left out without a word: $(cat root.err)"
packages deb root.tsv >got; dpkg_says own >want
same "our own root against dpkg-query" want got
[ "$(packages apk root.tsv)" = "musl${TAB}1.2.3-r4${TAB}x86_64${TAB}musl-src${TAB}1.2.3-r4" ] || [ "$(packages apk root.tsv | cut -f -4)" = "musl${TAB}1.2.3-r4${TAB}x86_64${TAB}musl-src" ] || fail "apk: $(packages apk root.tsv)"
[ "$(packages pypi root.tsv | cut -f 2)" = 1.0.post1 ] || fail "pypi: $(packages pypi root.tsv)"

# files that come and go are no hole in a running system
mkdir own/tmp
(while :; do for n in 1 2 3 4 5 6 7 8 9; do : >own/tmp/$n; done; rm -f own/tmp/*; done) &
churn=$!
for n in 1 2 3 4 5 6 7 8 9 10; do
	scanfarm inventory own --format tsv >got.tsv 2>err || fail "a running system: $(cat err)"
	same "a running system" root.tsv got.tsv
done
kill $churn; wait $churn 2>/dev/null
churn=

# ------------------------------------------------------------- this machine --
# a system that is being changed by others may differ once
for try in 1 2 3; do
	dpkg_says >want
	mkdir -p sys/etc sys/var/lib && cp /etc/os-release sys/etc/ && rm -rf sys/var/lib/dpkg && cp -r /var/lib/dpkg sys/var/lib/
	dpkg_says | cmp -s - want && break
done
scanfarm inventory sys --format tsv >got.tsv 2>err || fail "this machine: $(cat err)"
packages deb got.tsv >got
same "this machine against dpkg-query" want got

# ------------------------------------------------------- a root by mmdebstrap --
if [ "$(id -u)" = 0 ] && mmdebstrap --quiet --variant=minbase bookworm root >mm.log 2>&1; then
	wrappings root
	packages deb root.tsv >got; dpkg_says root >want
	same "mmdebstrap's root against dpkg-query" want got
	# the kernel's file systems are not below it, and nothing outside was read
	! grep -q '^\.\./' root.tsv || fail "the root was left"
else
	echo "left out: mmdebstrap cannot work here: $(tail -n 1 mm.log 2>/dev/null)"
fi

# ------------------------------------------------------------ version order --
order() {	# SCHEME: lines A<TAB>OP<TAB>B on standard input
	cat >vectors
	cut -f 1,3 vectors | scanfarm compare "$1" >got || fail "compare $1"
	cut -f 2 vectors | cmp -s - got ||
		fail "compare $1: $(paste vectors got | awk -F '\t' '$2 != $4' | head -n 5)"
	cut -f 3,1 vectors | awk -F '\t' -v OFS='\t' '{ print $2, $1 }' | scanfarm compare "$1" >got
	cut -f 2 vectors | tr '<>' '><' | cmp -s - got || fail "compare $1 is not the same backwards"
}
for f in "$TOP"/tests/common/version/*.txt; do
	s=$(basename "$f" .txt)
	grep -v -e '^#' -e '^$' -e '	' "$f" | awk 'NF == 3 && $2 ~ /^[<=>]$/ { print $1 "\t" $2 "\t" $3 }' >lines
	[ -s lines ] || continue
	order "$s" <lines
done
n=0
for f in "$SHARED"/data/versions/*.tsv; do
	[ -f "$f" ] || continue
	s=$(basename "$f" .tsv)
	scanfarm compare "$s" </dev/null >/dev/null 2>&1 || continue
	cut -f 2- "$f" | order "$s"
	n=$((n + 1))
done
[ ! -d "$SHARED/data/versions" ] || [ $n -ge 3 ] || fail "only $n schemes compared"

# ----------------------------------------------------- the team's inventories --
I=$SHARED/data/inventory
if [ -f "$I/expected.tsv" ]; then
	for c in apk/alpine-310 apk/different-arch apk/scalibr apk/syft-coverage apk/syft-multiple-1 dpkg/distroless-syft \
	    dpkg/scalibr-statusfield dpkg/scalibr-valid dpkg/stackrox dpkg/texlive; do
		scanfarm inventory "$I/$c" --format tsv >got.tsv 2>err || fail "inventory $c: $(cat err)"
		sed 1d got.tsv | cut -f -7 >got
		awk -F '\t' -v OFS='\t' -v c="$c/" 'index($1, c) == 1 { $1 = substr($1, length(c) + 1); print }' "$I/expected.tsv" | sort >want
		same "$c" want got
	done
	for c in scalibr-statusfield scalibr-valid stackrox texlive; do
		dpkg_says "$I/dpkg/$c" >want
		scanfarm inventory "$I/dpkg/$c" --format tsv >got.tsv 2>err
		packages deb got.tsv >got
		same "dpkg/$c against dpkg-query" want got
	done
	scanfarm inventory "$I/images/alpine-310.tar.gz" --format tsv 2>err | cut -f 2-7 | sed 1d >got
	awk -F '\t' -v OFS='\t' '$1 == "images/alpine-310.tar.gz"' "$I/expected.tsv" | cut -f 2- | sort >want
	same "images/alpine-310.tar.gz" want got
	scanfarm inventory "$I/python" --format tsv 2>err | awk -F '\t' -v OFS='\t' 'NR > 1 && $2 == "pypi" { print $1, $3, $4 }' >got
	awk -F '\t' -v OFS='\t' '$1 ~ /^python\// && $2 == "pypi" { print substr($1, 8), $3, $4 }' "$I/expected.tsv" | sort >want
	same "python" want got
fi

# ------------------------------------------------------------- match, by hand --
# Python walks the documents and dpkg decides: which advisory applies to which of
# the packages, by source name and source version.
oracle() {	# FEED.zip NAMESPACE PACKAGES.tsv
	python3 - "$@" <<'P'
import csv, functools, json, subprocess, sys, zipfile
feed, namespace, packages = sys.argv[1:]
have = {}
for p in csv.DictReader(open(packages), delimiter="\t", quoting=csv.QUOTE_NONE):
    if p["type"] == "deb":
        have.setdefault(p["source_name"] or p["name"], set()).add((p["name"], p["version"], p["source_version"] or p["version"]))

@functools.lru_cache(None)
def below(a, b):
    return subprocess.run(["dpkg", "--compare-versions", a, "lt", b], stderr=subprocess.DEVNULL).returncode == 0

def within(events, v):
    hit = False
    for e in events:
        if "introduced" in e and (e["introduced"] == "0" or not below(v, e["introduced"])):
            hit = True
        if "fixed" in e and not below(v, e["fixed"]):
            hit = False
        if "last_affected" in e and below(e["last_affected"], v):
            hit = False
    return hit

rows = set()
with zipfile.ZipFile(feed) as z:
    for name in z.namelist():
        d = json.loads(z.read(name))
        if d.get("withdrawn"):
            continue
        for a in d.get("affected", []):
            if a["package"]["ecosystem"] != namespace:
                continue
            for n, v, sv in have.get(a["package"]["name"], ()):
                if sv in a.get("versions", ()) or any(r["type"] == "ECOSYSTEM" and within(r["events"], sv) for r in a.get("ranges", ())):
                    rows.add((d["id"], n, v))
for r in sorted(rows):
    print("\t".join(r))
P
}
by_hand() {	# FEED.zip RELEASE LIST
	oracle "$1" "Debian:$2" "$3" | sort -u >want
	scanfarm match --packages "$3" --feed "$1" --distro "debian:$2" --format tsv >got.tsv 2>err || fail "match $3: $(cat err)"
	cut -f 1,3,4 got.tsv | sed 1d | sort -u >got
	diff want got >difference || fail "match of $3 for Debian $2: $(head -n 10 difference)"
	cat want >>matched
}
mkdir docs
cat >docs/1.json <<'D'
{"id":"DSA-1-1","affected":[
 {"package":{"ecosystem":"Debian:12","name":"openssl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"3.0.0"},{"fixed":"3.0.9-1"},{"introduced":"3.0.9-1"},{"fixed":"3.0.11-1"}]}]},
 {"package":{"ecosystem":"Debian:11","name":"openssl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]}]}
D
cat >docs/2.json <<'D'
{"id":"DSA-2-1","affected":[{"package":{"ecosystem":"Debian:12","name":"other"},"versions":["2:1.0~rc1-1"]},{"package":{"ecosystem":"Debian:12","name":"openssl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"last_affected":"3.0.8-9"}]}]}]}
D
echo '{"id":"DSA-3-1","withdrawn":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"Debian:12","name":"openssl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]}]}' >docs/3.json
(cd docs && zip -q ../docs.zip ./*.json)
scanfarm inventory own --format tsv >own.tsv 2>err
by_hand docs.zip 12 own.tsv
[ "$(cut -f 1,2 got | tr '\t\n' ' ,')" = "DSA-1-1 libssl3,DSA-2-1 held," ] || fail "match of our own root: $(cat got)"
if [ -f "$SHARED/data/feeds/osv/Debian/all.zip" ]; then
	for c in stackrox texlive; do
		scanfarm inventory "$I/dpkg/$c" --format tsv >"$c.tsv" 2>err
		for release in 10 11; do
			by_hand "$SHARED/data/feeds/osv/Debian/all.zip" $release $c.tsv
		done
	done
	[ "$(wc -l <matched)" -gt 50 ] || fail "only $(wc -l <matched) rows to compare"
fi
echo "all agree"

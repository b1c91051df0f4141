#!/bin/sh
# demo.sh: the main job on real input.  A farm of its own, Debian's registry with
# its notifications pointed at the farm, three images built here and pushed; the
# scans start from the notifications alone.  Then an advisory arrives and changes
# a verdict without a request to the registry.  Run by `make demo`.
#   FEED=      the project's own small set, made for these images (default)
#   FEED=DIR   advisories laid out as DIR/<ECOSYSTEM>/all.zip
#   FEED=osv   the public OSV buckets of Debian and PyPI
set -u
TOP=$(cd "$(dirname "$0")/.." && pwd)
PATH=$TOP/build:$PATH:/usr/sbin
. "$TOP/tests/demo/oci.sh"
D=$(mktemp -d "${TMPDIR:-/tmp}/scanfarm-demo.XXXXXX") || exit 1
chmod 755 "$D"
UP= REG=
say() { printf '\n== %s\n' "$*"; }
die() {
	echo "demo: $*" >&2
	[ -f "$D/up.log" ] && { echo "--- the farm's last lines:" >&2; tail -n 20 "$D/up.log" >&2; }
	exit 1
}
cleanup() {
	[ -n "$REG" ] && kill "$REG" 2>/dev/null
	[ -n "$UP" ] && kill -TERM "$UP" 2>/dev/null && wait "$UP" 2>/dev/null
	rm -rf "$D"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# The first free port from $1 on.
free_port() {
	_p=$1
	while curl -s -o /dev/null --max-time 1 "telnet://127.0.0.1:$_p" </dev/null || [ $? -eq 28 ]; do
		_p=$((_p + 1))
	done
	echo "$_p"
}

# ------------------------------------------------------------------ images
say "Building three images from Debian's archive"
mkdir "$D/base" "$D/app" "$D/python" "$D/debs"
if mmdebstrap --quiet --variant=minbase --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
	bookworm "$D/base.tar" 2>"$D/mmdebstrap.log"; then
	echo "base: a Debian 12 root by mmdebstrap"
else
	echo "base: mmdebstrap cannot mount here, so a smaller root is unpacked from its packages (left out: configuring them)"
	tail -n 2 "$D/mmdebstrap.log" | sed 's/^/      /'
	(cd "$D/debs" && apt-get download -q base-files libc6 libssl3 openssl zlib1g tar gzip coreutils >/dev/null 2>&1) ||
		die "apt-get download failed: is there a Debian archive in /etc/apt?"
	mkdir -p "$D/base/var/lib/dpkg"
	for f in "$D"/debs/*.deb; do
		dpkg-deb -x "$f" "$D/base"
		dpkg-deb -f "$f" | sed '1a Status: install ok installed'
		echo
	done >"$D/status"
	cp "$D/status" "$D/base/var/lib/dpkg/status"
	rm -f "$D"/debs/*
	tar -C "$D/base" --numeric-owner -cf "$D/base.tar" .
fi
mkdir -p "$D/app/srv"
echo 'a layer of our own on the same base' >"$D/app/srv/hello.txt"
tar -C "$D/app" --owner=0 --group=0 -cf "$D/app.tar" .
(cd "$D/debs" && apt-get download -q python3-requests python3-urllib3 python3-idna python3-yaml >/dev/null 2>&1) ||
	die "apt-get download failed: run apt-get update once"
for f in "$D"/debs/*.deb; do dpkg-deb -x "$f" "$D/python"; done
tar -C "$D/python" --numeric-owner -cf "$D/python.tar" .
B=$(oci_layer "$D/oci" "$D/base.tar") A=$(oci_layer "$D/oci" "$D/app.tar") P=$(oci_layer "$D/oci" "$D/python.tar")
oci_image "$D/oci" base "$B debootstrap bookworm"
oci_image "$D/oci" app "$B debootstrap bookworm" "$A COPY srv /srv"
oci_image "$D/oci" python "$B debootstrap bookworm" "$P unpack python3-requests python3-urllib3 python3-idna python3-yaml"
echo "$(du -sh "$D/oci/blobs" | cut -f1) of layers; all three images stand on the same base"

# -------------------------------------------------------------------- farm
say "Starting the farm: scanfarm up"
scanfarm up --data "$D/farm" --http "127.0.0.1:$(free_port 8080)" >"$D/up.log" 2>&1 &
UP=$!
n=600
until [ -f "$D/farm/ready" ]; do
	n=$((n - 1)); [ $n -gt 0 ] && kill -0 $UP 2>/dev/null || die "the farm did not start"
	sleep 0.2
done
SCANFARM_URL=$(sed -n 's/^http=//p' "$D/farm/farm.conf")
SCANFARM_TOKEN_FILE=$D/farm/admin.token
export SCANFARM_URL SCANFARM_TOKEN_FILE
echo "status page: $SCANFARM_URL/"
sql() { psql -XAtq -d "$(cat "$D/farm/database")" -c "$1"; }

# -------------------------------------------------------------------- feed
# openssl's and tar's real versions in the base decide the demonstration's ranges
base_version() { tar -xOf "$D/base.tar" ./var/lib/dpkg/status | awk -v p="$1" '$1 == "Package:" { on = $2 == p } on && $1 == "Version:" { print $2; exit }'; }
TAR=$(base_version tar)
python_version() { dpkg-deb -f "$D"/debs/python3-"$1"_*.deb Version | sed 's/[-+].*//'; }
advisory() { # ID ECOSYSTEM NAME FIXED SEVERITY-VECTOR SUMMARY
	jq -n --arg id "$1" --arg e "$2" --arg n "$3" --arg f "$4" --arg v "$5" --arg s "$6" '{schema_version: "1.6.0", id: $id,
		modified: "2026-01-01T00:00:00Z", summary: $s, severity: [{type: "CVSS_V3", score: $v}],
		affected: [{package: {ecosystem: $e, name: $n}, ranges: [{type: "ECOSYSTEM", events: ([{introduced: "0"}] + (if $f == "" then [] else [{fixed: $f}] end))}]}]}'
}
HIGH=CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H LOW=CVSS:3.1/AV:L/AC:H/PR:L/UI:N/S:U/C:L/I:N/A:N
say "Importing advisories"
case ${FEED:-} in
'')
	mkdir -p "$D/feed/Debian" "$D/feed/PyPI"
	advisory SCANFARM-DEMO-1 Debian:12 tar "" $LOW "Demonstration only: a minor issue claimed for every tar" >"$D/feed/Debian/SCANFARM-DEMO-1.json"
	advisory SCANFARM-DEMO-2 PyPI requests "$(python_version requests).1" $HIGH \
		"Demonstration only: claimed for requests up to $(python_version requests)" >"$D/feed/PyPI/SCANFARM-DEMO-2.json"
	for e in Debian PyPI; do (cd "$D/feed/$e" && zip -q all.zip ./*.json && rm ./*.json); done
	echo "the project's own set, made for these images (FEED=osv or FEED=DIR takes real ones)"
	scanfarm feed import "$D/feed" || die "the import failed" ;;
osv)
	scanfarm feed update Debian PyPI || die "the public buckets cannot be reached" ;;
*)
	scanfarm feed import "$FEED" || die "the import failed" ;;
esac

# ---------------------------------------------------------------- registry
say "Starting a registry whose notifications go to the farm"
PORT=$(free_port 5055)
scanfarm registry add demo --url "http://127.0.0.1:$PORT" --insecure --poll 0 >"$D/add.out" || die "registry add failed"
HOOK=$(sql "SELECT '/webhooks/' || name || '-' || webhook_id FROM registry WHERE name = 'demo'")
cat >"$D/registry.yml" <<Y
version: 0.1
log: {level: warn, accesslog: {disabled: false}}
storage: {filesystem: {rootdirectory: $D/registry}, delete: {enabled: true}}
http: {addr: "127.0.0.1:$PORT", secret: demo}
notifications:
  endpoints:
    - name: scanfarm
      url: $SCANFARM_URL$HOOK
      headers: {Authorization: ["Bearer $(cat "$D/farm/webhook/demo.secret")"]}
      timeout: 5s
      threshold: 5
      backoff: 1s
Y
docker-registry serve "$D/registry.yml" >"$D/registry.log" 2>&1 &
REG=$!
n=100
until curl -s -o /dev/null "http://127.0.0.1:$PORT/v2/"; do
	n=$((n - 1)); [ $n -gt 0 ] || die "the registry did not start: $(tail -n 2 "$D/registry.log")"
	sleep 0.1
done
for t in base app python; do
	skopeo copy -q --insecure-policy --dest-tls-verify=false "oci:$D/oci:$t" "docker://127.0.0.1:$PORT/demo/$t:1" ||
		die "skopeo could not push $t"
	echo "pushed demo/$t:1"
done

say "The notifications start the scans"
n=600
while :; do
	judged=$(sql "SELECT count(*) FROM dashboard.image WHERE verdict IS NOT NULL AND tag = '1'")
	line="$judged of 3 images judged, $(sql "SELECT count(*) FROM job") jobs open, $(sql "SELECT count(*) FROM layer WHERE analyses > 0") layers read"
	[ "$line" = "${last:-}" ] || echo "$line"
	last=$line
	[ "$judged" = 3 ] && break
	n=$((n - 1)); [ $n -gt 0 ] || die "the images were not judged in time"
	sleep 0.2
done
for t in base app python; do
	say "demo/$t:1"
	scanfarm report "127.0.0.1:$PORT/demo/$t:1"
done
say "Layers"
sql "SELECT analyses || ' layers read for ' || uses || ' uses: ' || uses - analyses || ' reused' FROM dashboard.layer_reuse"

# ------------------------------------------------------------ live advisory
say "A new advisory: every tar before ${TAR}.1 (a demonstration)"
before=$(grep -c '"GET \|"HEAD ' "$D/registry.log")
mkdir -p "$D/new/Debian"
advisory SCANFARM-DEMO-3 Debian:12 tar "$TAR.1" $HIGH "Demonstration only: claimed for tar up to $TAR" >"$D/new/Debian/SCANFARM-DEMO-3.json"
(cd "$D/new/Debian" && zip -q all.zip ./*.json && rm ./*.json)
was=$(sql "SELECT verdict FROM dashboard.image WHERE repository = 'demo/base' AND tag = '1'")
scanfarm feed import "$D/new" || die "the import failed"
n=300
until [ "$(sql "SELECT count(*) FROM dashboard.finding WHERE advisory = 'SCANFARM-DEMO-3' AND reference LIKE '%:1'")" -ge 3 ]; do
	n=$((n - 1)); [ $n -gt 0 ] || die "the advisory changed nothing"
	sleep 0.1
done
now=$(sql "SELECT verdict FROM dashboard.image WHERE repository = 'demo/base' AND tag = '1'")
after=$(grep -c '"GET \|"HEAD ' "$D/registry.log")
echo "demo/base:1 was $was, is $now"
sql "SELECT to_char(at, 'HH24:MI:SS') || '  ' || reference || ': ' || old || ' -> ' || new || ' (' || cause || ', ' || because || ')'
  FROM dashboard.verdict_change WHERE old <> '' ORDER BY at DESC LIMIT 5"
[ "$before" -gt 0 ] || die "the registry logs no requests: nothing to compare"
echo "requests to the registry meanwhile: $((after - before))"
[ "$after" = "$before" ] || die "the registry was asked"
[ -n "${FEED:-}" ] || [ "$was/$now" = pass/fail ] || die "the verdict should have gone from pass to fail"

say "Done"
echo "To keep a farm running:   build/scanfarm up"
echo "then, beside it:          build/scanfarm registry add NAME --url https://REGISTRY"

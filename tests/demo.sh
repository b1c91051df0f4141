#!/bin/sh
# demo.sh: the main job on real input.  A farm of its own, Debian's registry with
# its notifications pointed at the farm, three images built here and pushed; the
# scans start from the notifications alone.  Then an advisory arrives and changes
# a verdict without a request to the registry.  Run by `make demo`.
#   FEED=      the project's own small set, made for these images (default)
#   FEED=DIR   advisories laid out as DIR/<ECOSYSTEM>/all.zip
#   FEED=osv   the public OSV buckets of Debian and PyPI
# Exit status 0 when everything was as described.  Whatever happens, nothing
# stays: everything lives below one directory and is our child.
set -u
TOP=$(cd "$(dirname "$0")/.." && pwd)
PATH=$TOP/build:$PATH:/usr/sbin
. "$TOP/tests/demo/oci.sh"
D= UP= REG= JOB=
say() { printf '\n== %s\n' "$*"; }
die() {
	echo "demo: $*" >&2
	if [ -n "$D" ] && [ -f "$D/up.log" ]; then
		echo "--- the farm's last lines:" >&2
		tail -n 20 "$D/up.log" >&2
	fi
	exit 1
}
stop() { # PID
	[ -n "$1" ] || return 0
	kill -TERM "$1" 2>/dev/null
	wait "$1" 2>/dev/null
}
# A job is a subshell, and so may its children be: innermost last.
stop_tree() { # PID
	for _c in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
		stop_tree "$_c"
	done
	kill -TERM "$1" 2>/dev/null
}
cleanup() {
	trap '' INT TERM HUP
	[ -z "${line_open:-}" ] || echo
	if [ -n "$JOB" ]; then
		stop_tree "$JOB"
		wait "$JOB" 2>/dev/null
	fi
	stop "$REG"
	stop "$UP"
	[ -z "$D" ] || rm -rf --one-file-system "$D" 2>/dev/null || { sleep 1; rm -rf --one-file-system "$D"; }
}
trap cleanup EXIT
trap 'echo "demo: ending, one moment" >&2; exit 130' INT
trap 'echo "demo: ending, one moment" >&2; exit 143' TERM
trap 'exit 129' HUP

# job TEXT LOG COMMAND...: run it where a signal can end it, and say meanwhile how
# long it has been going: on a terminal in place, else not at all.
job() {
	_text=$1 _log=$2 _from=$(date +%s)
	shift 2
	"$@" >"$_log" 2>&1 </dev/null &
	JOB=$!
	if [ -t 1 ]; then
		while kill -0 $JOB 2>/dev/null; do
			printf '\r%s ... %s s' "$_text" $(($(date +%s) - _from))
			line_open=1
			sleep 0.5
		done
		printf '\r%*s\r' $((${#_text} + 12)) ''
		line_open=
	fi
	wait $JOB
	_rc=$?
	JOB=
	return $_rc
}

# The first free port from $1 on.
free_port() {
	_p=$1
	while curl -s -o /dev/null --max-time 1 "telnet://127.0.0.1:$_p" </dev/null || [ $? -eq 28 ]; do
		_p=$((_p + 1))
	done
	echo "$_p"
}

# What was asked for, before anything is built.
case ${FEED:-} in
''|osv) ;;
*)
	for f in "$FEED"/*/all.zip; do
		[ -f "$f" ] || die "FEED=$FEED: there is no $FEED/<ECOSYSTEM>/all.zip (FEED=osv takes the public advisories)"
	done
	FEED=$(cd "$FEED" && pwd) ;;
esac
if [ "${FEED:-}" = osv ]; then
	why=$(curl -sSf -o /dev/null --max-time 20 -I https://storage.googleapis.com/osv-vulnerabilities/PyPI/all.zip 2>&1) ||
		die "FEED=osv: the public advisories cannot be reached ($why); without a network: make demo, or FEED=DIR with a copy"
fi
D=$(mktemp -d "${TMPDIR:-/tmp}/scanfarm-demo.XXXXXX") || exit 1
chmod 755 "$D"
mkdir "$D/tmp" "$D/base" "$D/app" "$D/python" "$D/debs"
chmod 1777 "$D/tmp"
TMPDIR=$D/tmp
export TMPDIR

# ------------------------------------------------------------------ images
say "Three images, built here from Debian's archive"
download() { cd "$D/debs" && exec apt-get download -q "$@"; }
# A root as mmdebstrap makes it, without what nobody looks at.
bootstrap() {
	exec mmdebstrap --variant=minbase --dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' bookworm "$D/base.tar"
}
# What can be had where nothing may be mounted: packages unpacked, and the
# database that dpkg would have written.
unpack_base() {
	mkdir -p "$D/base/var/lib/dpkg"
	for f in "$D"/debs/*.deb; do
		dpkg-deb -x "$f" "$D/base" || return 1
		dpkg-deb -f "$f" | sed '1a Status: install ok installed'
		echo
	done >"$D/status"
	mv "$D/status" "$D/base/var/lib/dpkg/status"
	rm -f "$D"/debs/*
	tar -C "$D/base" --numeric-owner -cf "$D/base.tar" .
}
[ -t 1 ] || echo "base     (mmdebstrap takes half a minute)"
if job "base: a Debian 12 root by mmdebstrap" "$D/mmdebstrap.log" bootstrap; then
	echo "base     a Debian 12 root, by mmdebstrap"
	by="mmdebstrap bookworm"
else
	why=$(sed -n 's/^E: //p' "$D/mmdebstrap.log" | head -n 1)
	job "base: packages" "$D/apt.log" download base-files libc6 libssl3 openssl zlib1g tar gzip coreutils &&
		job "base: unpacking" "$D/unpack.log" unpack_base ||
		die "no base image: $(tail -n 1 "$D/apt.log"); is there a Debian archive in /etc/apt, and was apt-get update run?"
	echo "base     some packages of Debian 12, unpacked"
	by="unpack packages of bookworm"
	echo "         left out: a whole root, because mmdebstrap cannot work here (${why:-$(tail -n 1 "$D/mmdebstrap.log")})"
fi
mkdir -p "$D/app/srv"
echo 'a layer of our own on the same base' >"$D/app/srv/hello.txt"
tar -C "$D/app" --owner=0 --group=0 -cf "$D/app.tar" . || die "tar failed"
echo "app      the base and a layer of our own"
job "python: packages" "$D/apt.log" download python3-requests python3-urllib3 python3-idna python3-yaml ||
	die "apt-get download failed: $(tail -n 1 "$D/apt.log"); was apt-get update run?"
for f in "$D"/debs/*.deb; do dpkg-deb -x "$f" "$D/python" || die "dpkg-deb cannot unpack $f"; done
tar -C "$D/python" --numeric-owner -cf "$D/python.tar" . || die "tar failed"
echo "python   the base and a layer with Python packages"
layers() {
	oci_layer "$D/oci" "$D/base.tar" >"$D/layer.base" && oci_layer "$D/oci" "$D/app.tar" >"$D/layer.app" &&
		oci_layer "$D/oci" "$D/python.tar" >"$D/layer.python"
}
job "compressing the layers" "$D/layers.log" layers || die "the layers cannot be written: $(tail -n 1 "$D/layers.log")"
B="$(cat "$D/layer.base") $by"
oci_image "$D/oci" base "$B" && oci_image "$D/oci" app "$B" "$(cat "$D/layer.app") COPY srv /srv" &&
	oci_image "$D/oci" python "$B" "$(cat "$D/layer.python") install requests urllib3 idna yaml" || die "the images cannot be written"
echo "3 images, 5 uses of 3 distinct layers, $(du -sh "$D/oci/blobs" | cut -f1)"

# -------------------------------------------------------------------- farm
say "A farm: scanfarm up"
scanfarm up --data "$D/farm" >"$D/up.log" 2>&1 </dev/null &
UP=$!
n=600
until [ -f "$D/farm/ready" ]; do
	n=$((n - 1)); [ $n -gt 0 ] && kill -0 $UP 2>/dev/null || die "the farm did not start"
	sleep 0.2
done
SCANFARM_URL=$(sed -n 's/^http=//p' "$D/farm/farm.conf")
SCANFARM_TOKEN_FILE=$D/farm/admin.token
export SCANFARM_URL SCANFARM_TOKEN_FILE
sql() { psql -XAtq -P pager=off -d "$(cat "$D/farm/database")" -c "$1"; }
echo "PostgreSQL, a coordinator and $(nproc) workers, as user $(stat -c %U "$D/farm/admin.token")"
echo "status page while the demo runs: $SCANFARM_URL/"

# -------------------------------------------------------------------- feed
# the real versions in the images decide the demonstration's ranges
base_version() { tar -xOf "$D/base.tar" ./var/lib/dpkg/status | awk -v p="$1" '$1 == "Package:" { on = $2 == p } on && $1 == "Version:" { print $2; exit }'; }
TAR=$(base_version tar)
python_version() { dpkg-deb -f "$D"/debs/python3-"$1"_*.deb Version | sed 's/[-+].*//'; }
advisory() { # ID ECOSYSTEM NAME FIXED SEVERITY-VECTOR SUMMARY
	jq -n --arg id "$1" --arg e "$2" --arg n "$3" --arg f "$4" --arg v "$5" --arg s "$6" '{schema_version: "1.6.0", id: $id,
		modified: "2026-01-01T00:00:00Z", summary: $s, severity: [{type: "CVSS_V3", score: $v}],
		affected: [{package: {ecosystem: $e, name: $n}, ranges: [{type: "ECOSYSTEM", events: ([{introduced: "0"}] + (if $f == "" then [] else [{fixed: $f}] end))}]}]}'
}
CRITICAL=CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H LOW=CVSS:3.1/AV:L/AC:H/PR:L/UI:N/S:U/C:L/I:N/A:N
zip_feed() { (cd "$1" && zip -q all.zip ./*.json && rm ./*.json) || die "zip failed"; }
say "Advisories"
case ${FEED:-} in
'')
	mkdir -p "$D/feed/Debian" "$D/feed/PyPI"
	advisory SCANFARM-DEMO-1 Debian:12 tar "" $LOW "Demonstration only: a minor issue claimed for every tar" >"$D/feed/Debian/SCANFARM-DEMO-1.json"
	advisory SCANFARM-DEMO-2 PyPI requests "$(python_version requests).1" $CRITICAL \
		"Demonstration only: claimed for requests up to $(python_version requests)" >"$D/feed/PyPI/SCANFARM-DEMO-2.json"
	zip_feed "$D/feed/Debian"; zip_feed "$D/feed/PyPI"
	echo "two of the project's own, made for these images (FEED=osv takes the public ones, FEED=DIR yours)"
	scanfarm feed import "$D/feed" || die "the import failed" ;;
osv)
	scanfarm feed update Debian PyPI || die "the public advisories cannot be fetched" ;;
*)
	scanfarm feed import "$FEED"
	# 4: imported, but for documents that are malformed and named above
	case $? in 0|4) ;; *) die "the import failed" ;; esac ;;
esac

# The matcher takes new advisories in batches; what is pushed now would wait for it.
matched() { [ "$(scanfarm status --format json | jq .unmatched)" = 0 ]; }
wait_matched() { while ! matched; do sleep 0.3; done; }
job "matching" "$D/matching.log" wait_matched

# ---------------------------------------------------------------- registry
say "A registry, whose notifications go to the farm"
PORT=$(free_port 5055)
scanfarm registry add local --url "http://127.0.0.1:$PORT" --insecure --poll 0 >"$D/add.out" || die "registry add failed"
HOOK=$(awk '$1 == "webhook" { print $2 }' "$D/add.out")
cat >"$D/registry.yml" <<Y
version: 0.1
log: {level: warn, accesslog: {disabled: false}}
storage: {filesystem: {rootdirectory: $D/registry}, delete: {enabled: true}}
http: {addr: "127.0.0.1:$PORT", secret: demo}
notifications:
  endpoints:
    - name: scanfarm
      url: $HOOK
      headers: {Authorization: ["Bearer $(cat "$D/farm/webhook/local.secret")"]}
      timeout: 5s
      threshold: 5
      backoff: 1s
Y
docker-registry serve "$D/registry.yml" >"$D/registry.log" 2>&1 </dev/null &
REG=$!
n=100
until curl -s -o /dev/null "http://127.0.0.1:$PORT/v2/"; do
	n=$((n - 1)); [ $n -gt 0 ] && kill -0 $REG 2>/dev/null || die "the registry did not start: $(tail -n 2 "$D/registry.log")"
	sleep 0.1
done
for t in base app python; do
	job "pushing demo/$t:1" "$D/push.log" skopeo copy -q --insecure-policy --dest-tls-verify=false "oci:$D/oci:$t" "docker://127.0.0.1:$PORT/demo/$t:1" ||
		die "skopeo could not push $t: $(tail -n 1 "$D/push.log")"
	echo "pushed 127.0.0.1:$PORT/demo/$t:1"
done

say "The scans, started by the notifications alone"
n=600 last=
while :; do
	line=$(sql "SELECT count(*) FILTER (WHERE verdict IS NOT NULL) || ' of 3 images judged, ' || (SELECT count(*) FROM job) || ' jobs open, '
		|| (SELECT count(*) FROM layer WHERE analyses > 0) || ' layers read' FROM dashboard.image WHERE tag = '1'")
	[ "$line" = "$last" ] || echo "$line"
	last=$line
	case $line in '3 of '*) break ;; esac
	n=$((n - 1)); [ $n -gt 0 ] || die "the images were not judged in time"
	sleep 0.2
done
for t in base app python; do
	say "scanfarm report 127.0.0.1:$PORT/demo/$t:1"
	scanfarm report "127.0.0.1:$PORT/demo/$t:1" >"$D/report"
	case $? in 0|1|4) ;; *) die "no report of $t" ;; esac
	# a real feed may find hundreds
	head -n 24 "$D/report"
	[ "$(wc -l <"$D/report")" -le 24 ] || echo "... and $(($(wc -l <"$D/report") - 24)) more"
done

say "In sum"
sql "SELECT rpad(repository || ':' || tag, 14) || rpad(verdict, 9) || lpad(packages::text, 4) || ' packages, ' || layers || ' layers, push to verdict '
		|| push_to_verdict_s || ' s' FROM dashboard.image WHERE tag = '1' ORDER BY pushed_at"
sql "SELECT 'layers: ' || uses || ' uses, ' || analyses || ' analysed, ' || uses - analyses || ' reused' FROM dashboard.layer_reuse"

# ------------------------------------------------------------ live advisory
say "A new advisory arrives: tar before $TAR.1 (a demonstration)"
requests() { grep -c '"GET \|"HEAD ' "$D/registry.log"; }
verdict() { sql "SELECT verdict FROM dashboard.image WHERE repository = 'demo/base' AND tag = '1'"; }
before=$(requests)
was=$(verdict)
advisory SCANFARM-DEMO-3 Debian:12 tar "$TAR.1" $CRITICAL "Demonstration only: claimed for tar up to $TAR" >"$D/SCANFARM-DEMO-3.json"
scanfarm feed import "$D/SCANFARM-DEMO-3.json" --ecosystem Debian || die "the import failed"
n=300
until [ "$(sql "SELECT count(*) FROM dashboard.finding WHERE advisory = 'SCANFARM-DEMO-3' AND tag = '1'")" -ge 3 ]; do
	n=$((n - 1)); [ $n -gt 0 ] || die "the advisory changed nothing"
	sleep 0.1
done
now=$(verdict)
echo "found in 3 images; demo/base:1 was $was, is $now"
sql "SELECT to_char(at, 'HH24:MI:SS') || '  ' || repository || ':' || tag || ' ' || old || ' -> ' || new || ', because of ' || because
  FROM dashboard.verdict_change WHERE because = 'SCANFARM-DEMO-3' ORDER BY repository"
after=$(requests)
[ "$before" -gt 0 ] || die "the registry logs no requests: nothing to compare"
echo "requests to the registry meanwhile: $((after - before))"
[ "$after" = "$before" ] || die "the registry was asked"
[ -n "${FEED:-}" ] || [ "$was/$now" = pass/fail ] || die "the verdict should have gone from pass to fail"

say "Done; farm, registry and images are gone in a moment"
cat <<T
To keep a farm running, in $TOP:
    build/scanfarm up
and beside it, in another terminal:
    build/scanfarm feed update Debian PyPI
    build/scanfarm registry add mine --url https://registry.example
    build/scanfarm status
T
